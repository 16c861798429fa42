-- Records behind given persons and bases that the new build has of somebody else, as far as they say: another name, and
-- no address or number of one's own that was there before. Grain: scope x id before. Holds persons.
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
),
before as (
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
),
had as (
    select record_id, email_key as key from old.record where email_key is not null and not is_role_mailbox(email_key)
    union all
    select record_id, phone_key from old.record where phone_key is not null and not is_fixed_line(phone_key)
    union all
    select record_id, key from further
),
kept as (
    select identity.record_id
    from identity
    inner join had on had.record_id = identity.record_id and had.key = identity.key
)
select distinct before.scope, before.scope_key
from before
inner join old.record as was on was.record_id = before.record_id
inner join build.record as now on now.record_id = before.record_id
where not list_has_all(string_split(was.name_key, ' '), string_split(now.name_key, ' '))
    and not list_has_all(string_split(now.name_key, ' '), string_split(was.name_key, ' '))
    and before.record_id not in (select record_id from kept)
order by before.scope, before.scope_key
