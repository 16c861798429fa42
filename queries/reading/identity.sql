-- Who the records of the new build are about: every address and number with the name. Grain: record x identifier.
-- A number without a name is a switchboard's. Holds persons.
create or replace temp view identity as
select record_id, 'email' as kind, email_key as key, name_key
from build.record
where email_key is not null
union all
select record_id, 'phone', phone_key, name_key
from build.record
where phone_key is not null and name_key is not null
union all
select record.record_id, further.kind, further.key, record.name_key
from build.further_identifier as further
inner join build.record on record.record_id = further.record_id
where further.kind = 'email' or record.name_key is not null;

create or replace temp macro identity_text(category, kind, key, name_key) as
    'held|' || coalesce(category, '') || '|' || kind || '|' || key || '|' || coalesce(name_key, '');
