-- Where the records with given keyed digests are in the new build, whatever builds there were before.
-- Grain: scope x id before x id now, where they differ. Holds persons.
with wanted as (
    select
        unnest($scopes::varchar[]) as scope,
        unnest($keys::varchar[]) as scope_key,
        unnest($records::varchar[]) as record_key
),
found as (
    select
        wanted.scope,
        wanted.scope_key,
        case when wanted.scope = 'person' then basis.person_id else basis.basis_id end as new_key
    from wanted
    inner join digested_records on digested_records.digest = wanted.record_key
    inner join build.basis_record on basis_record.record_id = digested_records.record_id
    inner join build.basis on basis.basis_id = basis_record.basis_id
)
select distinct scope, scope_key, new_key
from found
where new_key <> scope_key
order by scope, scope_key, new_key
