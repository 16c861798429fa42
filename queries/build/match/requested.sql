-- Whom requests are from: who has an address that was given, or, where none was, the number. Two joins: one with an `or`
-- would compare every key with every record.
insert into build.request_person
select request_key.source, request_key.reference, owned.person_id
from build.request_key
inner join identifier on identifier.kind = 'email' and identifier.key = request_key.email_key
inner join owned on owned.rid = identifier.rid
union
select request_key.source, request_key.reference, owned.person_id
from build.request_key
inner join identifier on identifier.kind = 'phone' and identifier.key = request_key.phone_key
inner join owned on owned.rid = identifier.rid
where request_key.email_key is null;
