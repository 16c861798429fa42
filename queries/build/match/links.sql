-- Records that may be one person: same e-mail address, or same phone number and same name.
-- A number alone is not enough, since a switchboard is shared; a role mailbox has no email_key.
create temp table link as
with mail as (
    select email_key, 2 * min(rowid) as knot
    from build.record
    where email_key is not null
    group by email_key
    having count(*) > 1
),
call as (
    select phone_key, name_key, 2 * min(rowid) + 1 as knot
    from build.record
    where phone_key is not null and name_key is not null
    group by phone_key, name_key
    having count(*) > 1
)
select record.rowid as rid, mail.knot
from build.record
inner join mail on mail.email_key = record.email_key
union all
select record.rowid, call.knot
from build.record
inner join call on call.phone_key = record.phone_key and call.name_key = record.name_key;

create temp table label as
select rid, rid as root
from link
group by rid;
