-- Which records of the new build stand behind given persons and bases. Grain: scope x id x record. Holds persons.
create or replace temp table covered as
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
)
select wanted.scope, wanted.scope_key, basis_record.record_id, basis.category
from wanted
inner join build.basis on basis.basis_id = wanted.scope_key
inner join build.basis_record on basis_record.basis_id = basis.basis_id
where wanted.scope = 'basis'
union all
select wanted.scope, wanted.scope_key, basis_record.record_id, null
from wanted
inner join build.basis on basis.person_id = wanted.scope_key
inner join build.basis_record on basis_record.basis_id = basis.basis_id
where wanted.scope = 'person'
