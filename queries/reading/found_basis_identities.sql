-- The same of entries, which are known by their category besides. Grain: scope x id before x id now, where they differ.
-- Holds persons.
with wanted as (
    select
        unnest($scopes::varchar[]) as scope,
        unnest($keys::varchar[]) as scope_key,
        unnest($records::varchar[]) as record_key
),
digested as (
    select basis.basis_id, keyed(identity_text(basis.category, identity.kind, identity.key, identity.name_key)) as digest
    from identity
    inner join build.basis_record on basis_record.record_id = identity.record_id
    inner join build.basis on basis.basis_id = basis_record.basis_id
)
select distinct wanted.scope, wanted.scope_key, digested.basis_id as new_key
from wanted
inner join digested on digested.digest = wanted.record_key
where digested.basis_id <> wanted.scope_key
order by wanted.scope, wanted.scope_key, new_key
