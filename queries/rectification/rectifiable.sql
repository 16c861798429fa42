-- A row of a source with what it says, as far as it can be corrected, and whose it is.
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
    record.registered_on,
    record.met_on,
    record.inbound_on,
    record.designated_on,
    record.role_until,
    record.left_org_on,
    record.starts_on,
    record.ends_on,
    record.replaced_on
from record
inner join basis_record on basis_record.record_id = record.record_id
inner join basis_status on basis_status.basis_id = basis_record.basis_id
where record.record_id = cast(:record as varchar(200))
    and basis_status.status <> 'PURGED'
order by basis_status.category, basis_status.basis_id
