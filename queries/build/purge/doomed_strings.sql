-- What of the persons who go can be looked for in a file's bytes: their addresses, and the record's key where there is
-- none or somebody who stays, or asks, has it too, since such a one proves nothing. Grain: one row per text. Holds persons.
with going as (
    select record.record_id, unnest(coalesce(string_split(record.email, ', '), [null])) as email
    from doomed_record
    inner join doomed_person on doomed_person.person_id = doomed_record.person_id
    inner join old.record on record.record_id = doomed_record.record_id
),
staying_address as (
    select unnest(list_append(string_split(email, ', '), coalesce(email_key, email))) as address
    from old.record
    anti join doomed_record on doomed_record.record_id = record.record_id
    where email is not null
    union
    select further.key
    from further
    anti join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
    union
    select email_key
    from surviving_request_key
    where email_key is not null
),
text as (
    select case when email not in (from staying_address) then email end as address, record_id
    from going
)
select distinct coalesce(address, record_id) as text
from text
where length(coalesce(address, record_id)) >= 6
order by text
