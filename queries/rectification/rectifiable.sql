-- A row of a source with what it says, as far as it can be corrected, and whose it is; a date that its source has moved
-- as the source tells it, which is what exports are compared with (queries/reading/rectified.sql).
-- grain: one row per basis of the record
-- holds persons
select
    basis_status.person_id,
    basis_status.category,
    record.dataset,
    record.source,
    record.source_key,
    record.name,
    record.email,
    record.phone,
    record.role,
    record.org_name,
    case when record.moved_build is null then record.registered_on else (record.told).registered_on end as registered_on,
    record.met_on,
    record.inbound_on,
    case when record.moved_build is null then record.designated_on else (record.told).designated_on end as designated_on,
    record.role_until,
    case when record.moved_build is null then record.left_org_on else (record.told).left_org_on end as left_org_on,
    case when record.moved_build is null then record.starts_on else (record.told).starts_on end as starts_on,
    case when record.moved_build is null then record.ends_on else (record.told).ends_on end as ends_on,
    case when record.moved_build is null then record.replaced_on else (record.told).replaced_on end as replaced_on
from record
inner join basis_record on basis_record.record_id = record.record_id
inner join basis_status on basis_status.basis_id = basis_record.basis_id
where record.record_id = cast(:record as varchar(200))
    and basis_status.status <> 'PURGED'
order by basis_status.category, basis_status.basis_id
