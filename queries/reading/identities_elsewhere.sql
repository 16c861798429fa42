-- Where records are in the new build that say of themselves what those looked at said in the build before, an identifier
-- together with the name, and did not say it then: a source that makes two rows of one leaves a part behind either key.
-- Grain: scope x id before x id now, where they differ. Holds persons.
with named_before as (
    select record_id, email_key, phone_key, name_key
    from old.record
    union all
    select record_id, email_key, phone_key, one_spelling(name_key)
    from old.record
    where one_spelling(name_key) <> name_key
),
had as (
    select record_id, 'email' as kind, email_key as key, name_key from named_before where email_key is not null
    union all
    select record_id, 'phone', phone_key, name_key from named_before where phone_key is not null and name_key is not null
    union all
    select named_before.record_id, further.kind, further.key, named_before.name_key
    from further
    inner join named_before on named_before.record_id = further.record_id
    where further.kind = 'email' or named_before.name_key is not null
),
wanted as (
    select distinct looked_at.scope, looked_at.scope_key, had.kind, had.key, had.name_key
    from looked_at
    inner join had on had.record_id = looked_at.record_id
),
found as (
    select wanted.scope, wanted.scope_key, identity.record_id
    from wanted
    inner join identity on identity.kind = wanted.kind
        and identity.key = wanted.key
        and identity.name_key is not distinct from wanted.name_key
    anti join had on had.record_id = identity.record_id
        and had.kind = wanted.kind
        and had.key = wanted.key
        and had.name_key is not distinct from wanted.name_key
)
select distinct
    found.scope,
    found.scope_key,
    if(found.scope = 'person', basis.person_id, basis.basis_id) as new_key
from found
inner join build.basis_record on basis_record.record_id = found.record_id
inner join build.basis on basis.basis_id = basis_record.basis_id
left join old.basis as was on was.basis_id = if(found.scope = 'basis', found.scope_key, null)
where new_key <> found.scope_key and (found.scope = 'person' or basis.category = was.category)
order by found.scope, found.scope_key, new_key
