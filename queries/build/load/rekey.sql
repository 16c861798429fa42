-- Gives records that a build of an earlier version read the keys that are read today: what a file of today says would
-- else not meet them.
update build.record
set
    email_key = coalesce(email_key(record.email), read_address.keys[1]),
    phone_key = coalesce(phone_key(record.phone), read_number.keys[1]),
    name_key = coalesce(name_key(record.name), read_name.keys[1])
from build.record as itself
left join read_address on read_address.original = itself.email
left join read_number on read_number.original = itself.phone
left join read_name on read_name.original = itself.name
where record.rowid = itself.rowid
