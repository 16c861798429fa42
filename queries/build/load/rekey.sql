-- Gives records that a build of an earlier version read the keys that are read today: what a file of today says would
-- else not meet them.
update build.record
set
    email_key = keyed.email_key,
    phone_key = keyed.phone_key,
    name_key = keyed.name_key,
    own_person_id = if(
        record.own_basis_id is not null,
        md5(own_identity(keyed.email_key, keyed.phone_key, keyed.name_key, record.record_id)),
        null
    )
from (
    select
        itself.rowid as rid,
        coalesce(email_key(itself.email), read_address.keys[1]) as email_key,
        coalesce(phone_key(itself.phone), read_number.keys[1]) as phone_key,
        coalesce(name_key(itself.name), read_name.keys[1]) as name_key
    from build.record as itself
    left join read_address on read_address.original = itself.email
    left join read_number on read_number.original = itself.phone
    left join read_name on read_name.original = itself.name
) as keyed
where keyed.rid = record.rowid
