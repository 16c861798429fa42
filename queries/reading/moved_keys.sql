-- Where the records behind given persons and bases are now: a person's or a basis' id comes from its smallest key and
-- can change from build to build. Grain: scope x id before x id now, where they differ. Holds persons.
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
),
before as (
    select wanted.scope, wanted.scope_key, was.record_id
    from wanted
    inner join old.basis_record as was on was.basis_id = wanted.scope_key
    where wanted.scope = 'basis'
    union all
    select wanted.scope, wanted.scope_key, was.record_id
    from wanted
    inner join old.basis on basis.person_id = wanted.scope_key
    inner join old.basis_record as was on was.basis_id = basis.basis_id
    where wanted.scope = 'person'
),
followed as (
    select
        before.scope,
        before.scope_key,
        case when before.scope = 'person' then basis.person_id else basis.basis_id end as new_key
    from before
    inner join build.basis_record as found on found.record_id = before.record_id
    inner join build.basis on basis.basis_id = found.basis_id
)
select distinct scope, scope_key, new_key
from followed
where new_key <> scope_key
order by scope, scope_key, new_key
