-- The keys of one person's records, each together with the name, as it is and in one spelling, before they are digested.
-- The same texts as queries/reading/identity.sql makes.
-- grain: one row per trace
-- holds persons
with named as (
    select distinct record.record_id, record.name_key
    from basis
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where basis.person_id = cast(:person_id as varchar(32))
),
spelled as (
    select record_id, name_key
    from named
    union
    select record_id, replace(replace(replace(replace(name_key, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
    from named
)
select 'held|name|' || record_id || '|' || coalesce(name_key, '') as trace
from spelled
order by trace
