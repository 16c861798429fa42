-- Where those are in the new build whom given keyed digests of identifiers and names are about. Grain: scope x id before
-- x id now, where they differ. Holds persons.
with wanted as (
    select
        unnest($scopes::varchar[]) as scope,
        unnest($keys::varchar[]) as scope_key,
        unnest($records::varchar[]) as record_key
),
digested as (
    select basis.basis_id, basis.person_id, keyed(identity_text(null, identity.kind, identity.key, identity.name_key)) as person_key,
        keyed(identity_text(basis.category, identity.kind, identity.key, identity.name_key)) as basis_key
    from identity
    inner join build.basis_record on basis_record.record_id = identity.record_id
    inner join build.basis on basis.basis_id = basis_record.basis_id
),
found as (
    select wanted.scope, wanted.scope_key, digested.person_id as new_key
    from wanted
    inner join digested on digested.person_key = wanted.record_key
    where wanted.scope = 'person'
    union
    select wanted.scope, wanted.scope_key, digested.basis_id
    from wanted
    inner join digested on digested.basis_key = wanted.record_key
    where wanted.scope = 'basis'
)
select distinct scope, scope_key, new_key
from found
where new_key <> scope_key
order by scope, scope_key, new_key
