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
),
stored as materialized (
    select
        placed.basis_id,
        placed.category,
        placed.dataset,
        placed.source_key,
        record.record_id,
        record.source,
        record.name,
        record.email,
        record.phone,
        record.role,
        record.org_name,
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
        record.moved_build is not null as is_moved,
        (record.told).registered_on as told_registered_on,
        (record.told).designated_on as told_designated_on,
        (record.told).left_org_on as told_left_org_on,
        (record.told).starts_on as told_starts_on,
        (record.told).ends_on as told_ends_on,
        (record.told).replaced_on as told_replaced_on
    from placed
    inner join record on record.dataset = placed.dataset and record.source_key = placed.source_key
),
-- Theirs alone: a join that keeps rows without an organisation would read all of them.
named as (
    select distinct organisation.org_id, organisation.org_name
    from stored
    inner join organisation on organisation.org_id = stored.org_id
)
select
    stored.basis_id,
    stored.category,
    stored.record_id,
    stored.dataset,
    stored.source,
    stored.source_key,
    stored.name,
    stored.email,
    stored.phone,
    stored.role,
    coalesce(stored.org_name, named.org_name) as org_name,
    stored.origin,
    stored.stated_status,
    stored.registered_on,
    stored.met_on,
    stored.inbound_on,
    stored.designated_on,
    stored.role_until,
    stored.left_org_on,
    stored.starts_on,
    stored.ends_on,
    stored.replaced_on,
    stored.opted_out_on,
    stored.fiscal_year,
    stored.cookie_name,
    stored.set_at,
    stored.org_id,
    stored.email_key,
    stored.phone_key,
    stored.name_key,
    stored.org_name as own_org_name,
    stored.is_moved,
    stored.told_registered_on,
    stored.told_designated_on,
    stored.told_left_org_on,
    stored.told_starts_on,
    stored.told_ends_on,
    stored.told_replaced_on
from stored
left join named on named.org_id = stored.org_id
order by stored.category, stored.source, stored.source_key, stored.basis_id
