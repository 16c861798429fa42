-- Who the records of the new build are about: every address and number with the name, as it is and in the one spelling in
-- which names are compared. Grain: record x identifier x spelling. A number without a name is a switchboard's. Holds persons.
create or replace temp view named as
select record_id, email_key, phone_key, name_key
from build.record
union all
select record_id, email_key, phone_key, one_spelling(name_key)
from build.record
where one_spelling(name_key) <> name_key;

create or replace temp view identity as
select record_id, 'email' as kind, email_key as key, name_key
from named
where email_key is not null
union all
select record_id, 'phone', phone_key, name_key
from named
where phone_key is not null and name_key is not null
union all
select named.record_id, further.kind, further.key, named.name_key
from build.further_identifier as further
inner join named on named.record_id = further.record_id
where further.kind = 'email' or named.name_key is not null;

create or replace temp macro identity_text(category, kind, key, name_key) as
    'held|' || coalesce(category, '') || '|' || kind || '|' || key || '|' || coalesce(name_key, '');

-- What records are known by: their key, and, of one who is told apart from who was given it on, the key or an identifier
-- together with the name (is_identity). Grain: record x text.
create or replace temp view known_by as
select record_id, 'held|' || record_id as text, false as is_identity
from build.record
union all
select record_id, 'held|name|' || record_id || '|' || coalesce(name_key, ''), true
from named
union all
select record_id, identity_text(null, kind, key, name_key), true
from identity;
