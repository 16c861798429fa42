-- Every address and number of every record, with the name in one spelling; grain: record x identifier.
create temp view identifier as
select rowid as rid, 'email' as kind, email_key as key, one_spelling(name_key) as name_key
from build.record
where email_key is not null
union all
select rowid, 'phone', phone_key, one_spelling(name_key)
from build.record
where phone_key is not null
union all
select record.rowid, further.kind, further.key, one_spelling(record.name_key)
from build.further_identifier as further
inner join build.record on record.record_id = further.record_id;

-- Identifiers that several records have: only there can two records be one person's.
create temp table meeting as
select
    kind,
    key,
    count(*) as records,
    min(name_key) is distinct from max(name_key) as has_names,
    bool_or(name_key is null) as has_nameless,
    kind = 'email' and is_role_mailbox(key) as is_role_mailbox
from identifier
group by kind, key
having count(*) > 1;

-- Behind a number that more than a dozen names use is a switchboard: of those, only who has the same name meets anybody.
create temp table met as
with crowd as (
    select identifier.key, identifier.name_key, count(*) as records
    from identifier
    inner join meeting on meeting.kind = identifier.kind and meeting.key = identifier.key
    where meeting.kind = 'phone' and meeting.records > 12
    group by identifier.key, identifier.name_key
),
switchboard as (
    select key
    from crowd
    group by key
    having count(*) > 12
)
select identifier.*
from identifier
inner join meeting on meeting.kind = identifier.kind and meeting.key = identifier.key
left join switchboard on meeting.kind = 'phone' and switchboard.key = meeting.key
left join crowd
    on meeting.kind = 'phone' and crowd.records > 1 and crowd.key = meeting.key and crowd.name_key = identifier.name_key
where switchboard.key is null or crowd.key is not null;

-- Two names contradict each other unless all words of one are in the other.
create temp macro contradicts(one, other) as
    not list_has_all(string_split(one, ' '), string_split(other, ' '))
    and not list_has_all(string_split(other, ' '), string_split(one, ' '));

-- Addresses behind whose names may be several persons. One that a dozen names use is nobody's; its names need no look.
create temp table shared_address as
with named as (
    select distinct met.key, met.name_key
    from met
    inner join meeting on meeting.kind = met.kind and meeting.key = met.key
    where met.kind = 'email' and meeting.has_names and met.name_key is not null
),
counted as (
    select *, count(*) over (partition by key) as names
    from named
)
select key from meeting where is_role_mailbox
union
select key from counted where names > 12
union
select one.key
from counted as one
inner join counted as other on other.key = one.key and other.name_key > one.name_key
where one.names <= 12 and contradicts(one.name_key, other.name_key);
