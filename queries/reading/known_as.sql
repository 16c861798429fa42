-- What records are known by that are known by keyed digest only: each address and number together with the name, by keyed
-- digest too. Grain: record x address or number. Holds persons.
with wanted as (
    select record_id, email_key, phone_key, name_key, keyed('record|' || record_id) as record_digest
    from record
    where name_key is not null
),
has as (
    select record_digest, name_key, 'email' as kind, email_key as key
    from wanted
    where email_key is not null
    union
    select record_digest, name_key, 'phone', phone_key
    from wanted
    where phone_key is not null
    union
    select wanted.record_digest, wanted.name_key, further.kind, further.key
    from wanted
    inner join further_identifier as further on further.record_id = wanted.record_id
)
select record_digest, kind, keyed(kind || '|' || key || '|' || name_key) as digest
from has
where record_digest in (select unnest($digests::varchar[]))
order by record_digest, kind, digest
