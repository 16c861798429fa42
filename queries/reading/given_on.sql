-- Those of the records looked at that the new build has of somebody else, as far as they say: another name, and no address
-- or number of one's own that was there before. Grain: one row per record. Holds persons.
create or replace temp table given_on as
with had as (
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
    where identity.record_id in (select record_id from looked_at)
)
select was.record_id
from old.record as was
inner join build.record as now on now.record_id = was.record_id
where was.record_id in (select record_id from looked_at)
    and not list_has_all(words_of(was.name_key), words_of(now.name_key))
    and not list_has_all(words_of(now.name_key), words_of(was.name_key))
    and was.record_id not in (select record_id from kept)
