-- Where the records with given keyed digests are in the new build, whatever builds there were before.
-- Grain: scope x id before x id now, where they differ. Holds persons.
with wanted as (
    select
        unnest($scopes::varchar[]) as scope,
        unnest($keys::varchar[]) as scope_key,
        unnest($records::varchar[]) as record_key
),
digested as (
    select basis_id, keyed('held|' || record_id) as record_key
    from build.basis_record
),
found as (
    select
        wanted.scope,
        wanted.scope_key,
        case when wanted.scope = 'person' then basis.person_id else basis.basis_id end as new_key
    from wanted
    inner join digested on digested.record_key = wanted.record_key
    inner join build.basis on basis.basis_id = digested.basis_id
)
select distinct scope, scope_key, new_key
from found
where new_key <> scope_key
order by scope, scope_key, new_key
