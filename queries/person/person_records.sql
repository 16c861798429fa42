-- What is stored of one person, row by row as the sources told it; beside that what the row has of its own, without its
-- organisation's name, and the dates that its source has moved.
-- grain: one row per basis x record
-- holds persons
-- The person's few entries first, then the rows by their own keys: what is large is then read once, and in part.
with theirs as materialized (
    select basis_id, category, dataset, source_key, records
    from basis
    where person_id = cast(:person as varchar(40))
),
placed as (
    select basis_id, category, dataset, source_key
    from theirs
    where records = 1
    union all
    select theirs.basis_id, theirs.category, merged_record.dataset, merged_record.source_key
    from theirs
    inner join merged_record on merged_record.basis_id = theirs.basis_id
    where theirs.records > 1
)
select
    placed.basis_id,
    placed.category,
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
    record.name_key,
    record.org_name as own_org_name,
    case when record.moved_build is not null then record.told end as moved
from placed
inner join record on record.dataset = placed.dataset and record.source_key = placed.source_key
left join organisation on organisation.org_id = record.org_id
order by placed.category, record.source, record.source_key, placed.basis_id
