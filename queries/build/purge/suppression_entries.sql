-- What the suppression list keeps of the records that go; grain: one row per record_id. Holds persons, by keyed digest.
-- Nothing left of the person: e-mail and phone are kept out everywhere (no category). Another entry of the same category
-- left: only this record's own key is kept out, or that entry would be kept out too.
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
)
select
    keyed('record|' || scoped.record_id) as record_digest,
    case when not scoped.keeps_same then keyed('email|' || record.email_key) end as email_digest,
    case when not scoped.keeps_same then keyed('phone|' || record.phone_key || '|' || record.name_key) end as phone_digest,
    case when not scoped.is_gone then scoped.category end as category,
    scoped.source,
    scoped.dataset,
    case when scoped.category in ('EMPLOYEE', 'CONTRACTOR') then scoped.starts_on end as relation_started_on,
    case when scoped.category in ('EMPLOYEE', 'CONTRACTOR') then scoped.ends_on end as relation_ended_on
from scoped
inner join old.record on record.record_id = scoped.record_id
order by scoped.record_id
