-- The records behind given persons and bases of the build before. Grain: scope x id before x record. Holds persons.
create or replace temp table looked_at as
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
)
select wanted.scope, wanted.scope_key, was.record_id
from wanted
inner join old.basis_record as was on was.basis_id = wanted.scope_key
where wanted.scope = 'basis'
union
select wanted.scope, wanted.scope_key, was.record_id
from wanted
inner join old.basis on basis.person_id = wanted.scope_key
inner join old.basis_record as was on was.basis_id = basis.basis_id
where wanted.scope = 'person'
