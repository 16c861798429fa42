-- The keys of one person's records, each together with the name, before they are digested. The same texts as
-- queries/reading/identity.sql makes.
-- grain: one row per record_id
-- holds persons
select distinct 'held|name|' || record.record_id || '|' || coalesce(record.name_key, '') as trace
from basis
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join record on record.record_id = basis_record.record_id
where basis.person_id = cast(:person_id as varchar(32))
order by trace
