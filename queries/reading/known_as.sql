-- What records are known by: each address and number together with the name in one spelling, by keyed digest.
-- Grain: record x address or number. Holds persons.
with wanted as (
    select
        record_id, email_key, phone_key,
        replace(replace(replace(replace(name_key, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u') as name_key
    from record
    where record_id in (select unnest($records::varchar[])) and name_key is not null
),
has as (
    select record_id, name_key, 'email' as kind, email_key as key
    from wanted
    where email_key is not null
    union
    select record_id, name_key, 'phone', phone_key
    from wanted
    where phone_key is not null
    union
    select wanted.record_id, wanted.name_key, further.kind, further.key
    from wanted
    inner join further_identifier as further on further.record_id = wanted.record_id
)
select record_id, kind, keyed(kind || '|' || key || '|' || name_key) as digest
from has
order by record_id, kind, digest
