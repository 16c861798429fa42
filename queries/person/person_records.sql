-- What is stored of one person, row by row as the sources told it, by the entries that the reader answers for.
-- grain: one row per basis x record
-- holds persons
-- The few entries first: the large tables are then asked for their rows alone.
with own as (
    select basis_id, category
    from basis_status
    where person_id = cast(:person as varchar(40))
        and status <> 'PURGED'
        and (
            cast(:owned as varchar(400)) is null
            or position(',' || category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
        )
)
select
    own.basis_id,
    own.category,
    record.record_id,
    record.dataset,
    record.source,
    record.source_key,
    record.name,
    record.email,
    record.phone,
    record.role,
    coalesce(record.org_name, organisation.org_name) as org_name,
    record.origin,
    record.stated_status,
    record.registered_on,
    record.met_on,
    record.inbound_on,
    record.designated_on,
    record.role_until,
    record.left_org_on,
    record.starts_on,
    record.ends_on,
    record.replaced_on,
    record.opted_out_on,
    record.fiscal_year,
    record.cookie_name,
    record.set_at,
    record.org_id,
    record.email_key,
    record.phone_key,
    record.name_key
from own
inner join basis_record on basis_record.basis_id = own.basis_id
inner join record on record.record_id = basis_record.record_id
left join organisation on organisation.org_id = record.org_id
order by own.category, record.source, record.source_key, own.basis_id
