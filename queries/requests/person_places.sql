-- In what categories somebody is stored, and from which sources: each row behind each of their entries.
-- grain: one row per category x source
-- holds persons
with theirs as materialized (
    select basis.basis_id, basis.category, basis.dataset, basis.source_key, basis.records
    from basis
    inner join basis_status on basis_status.basis_id = basis.basis_id
    where basis.person_id = cast(:person as varchar(40)) and basis_status.status <> 'PURGED'
),
placed as (
    select category, dataset, source_key
    from theirs
    where records = 1
    union all
    select theirs.category, merged_record.dataset, merged_record.source_key
    from theirs
    inner join merged_record on merged_record.basis_id = theirs.basis_id
    where theirs.records > 1
)
select distinct placed.category, record.source
from placed
inner join record on record.dataset = placed.dataset and record.source_key = placed.source_key
order by placed.category, record.source
