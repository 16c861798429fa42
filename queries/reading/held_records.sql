-- Which records of the new build stand behind given persons and bases, by keyed digest. Grain: scope x id x record.
-- Holds persons, by keyed digest.
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
),
covered as (
    select wanted.scope, wanted.scope_key, basis_record.record_id
    from wanted
    inner join build.basis_record on basis_record.basis_id = wanted.scope_key
    where wanted.scope = 'basis'
    union all
    select wanted.scope, wanted.scope_key, basis_record.record_id
    from wanted
    inner join build.basis on basis.person_id = wanted.scope_key
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    where wanted.scope = 'person'
)
select scope, scope_key, keyed('held|' || record_id) as record_key
from covered
