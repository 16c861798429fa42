-- Where those are in the new build whom given keyed digests of identifiers and names are about that a person was known by.
-- Grain: scope x id before x id now, where they differ. Holds persons.
with wanted as (
    select
        unnest($scopes::varchar[]) as scope,
        unnest($keys::varchar[]) as scope_key,
        unnest($records::varchar[]) as record_key
)
select distinct wanted.scope, wanted.scope_key, basis.person_id as new_key
from wanted
inner join digested_identities on digested_identities.digest = wanted.record_key
inner join build.basis_record on basis_record.record_id = digested_identities.record_id
inner join build.basis on basis.basis_id = basis_record.basis_id
where basis.person_id <> wanted.scope_key
order by wanted.scope, wanted.scope_key, new_key
