-- What the suppression list keeps of the records that go; grain: record x its nth address and number. Holds persons, by
-- keyed digest.
-- Nothing left of the person: e-mail and phone are kept out everywhere (no category). Another entry of the same category
-- left: only this record's own key is kept out, or that entry would be kept out too.
-- By the number whoever is called the elder or the younger is looked for under the name alone: whether it is the same one,
-- the name's digest says.
-- What others had as well, or a company's number may be, tells only who may be meant (is_shared_...). The number without
-- the name is kept where it was one person's, or a couple's: by a switchboard's everybody there would be asked about.
with scoped as (
    select
        doomed_record.*,
        doomed_person.person_id is not null as is_gone,
        exists (
            select 1
            from staying
            where staying.person_id = doomed_record.person_id and staying.category = doomed_record.category
        ) as keeps_same
    from doomed_record
    left join doomed_person on doomed_person.person_id = doomed_record.person_id
),
identifier as (
    select record_id, 'email' as kind, email_key as key from old.record where email_key is not null
    union all
    select record_id, 'phone', phone_key from old.record where phone_key is not null
    union all
    select record_id, kind, key from further
),
of_doomed as (
    select distinct identifier.kind, identifier.key
    from identifier
    inner join scoped on scoped.record_id = identifier.record_id
),
borne as (
    select of_doomed.kind, of_doomed.key, count(distinct basis.person_id) as persons
    from of_doomed
    inner join identifier on identifier.kind = of_doomed.kind and identifier.key = of_doomed.key
    inner join old.basis_record on basis_record.record_id = identifier.record_id
    inner join old.basis on basis.basis_id = basis_record.basis_id
    group by of_doomed.kind, of_doomed.key
),
shared as (
    select kind, key
    from borne
    where persons > 1
    union
    select kind, key
    from of_doomed
    where case kind when 'email' then is_role_mailbox(key) else is_fixed_line(key) end
),
few as (
    select key
    from borne
    where kind = 'phone' and persons <= 2 and not is_fixed_line(key)
),
listed as (
    select
        scoped.record_id,
        list(identifier.key order by identifier.key) filter (where identifier.kind = 'email') as mails,
        list(identifier.key order by identifier.key) filter (where identifier.kind = 'phone') as calls
    from scoped
    inner join identifier on identifier.record_id = scoped.record_id
    where not scoped.keeps_same
    group by scoped.record_id
),
-- The nth address beside the nth number: each is in one entry.
entry as (
    select scoped.*, unnest(coalesce(listed.mails, [null])) as email_key, unnest(coalesce(listed.calls, [null])) as phone_key
    from scoped
    left join listed on listed.record_id = scoped.record_id
)
select
    keyed('record|' || entry.record_id) as record_digest,
    keyed('name|' || one_spelling(without_number(record.name_key))) as name_digest,
    keyed('email|' || entry.email_key) as email_digest,
    keyed('email|' || entry.email_key || '|' || one_spelling(without_number(record.name_key))) as email_name_digest,
    keyed('phone|' || entry.phone_key || '|' || one_spelling(bare_name(record.name_key))) as phone_digest,
    keyed('number|' || few.key) as number_digest,
    shared_mail.key is not null as is_shared_email,
    shared_call.key is not null as is_shared_phone,
    case when not entry.is_gone then entry.category end as category,
    entry.source,
    entry.dataset,
    case when entry.category in ('EMPLOYEE', 'CONTRACTOR') then entry.starts_on end as relation_started_on,
    case when entry.category in ('EMPLOYEE', 'CONTRACTOR') then entry.ends_on end as relation_ended_on
from entry
inner join old.record on record.record_id = entry.record_id
left join shared as shared_mail on shared_mail.kind = 'email' and shared_mail.key = entry.email_key
left join shared as shared_call on shared_call.kind = 'phone' and shared_call.key = entry.phone_key
left join few on few.key = entry.phone_key
order by entry.record_id, entry.email_key
