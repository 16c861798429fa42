-- Every address and number of every record; grain: record x identifier. The name is in one spelling only where it is asked
-- for: most records meet nobody.
create temp view identifier as
select rowid as rid, 'email' as kind, email_key as key, name_key
from build.record
where email_key is not null
union all
select rowid, 'phone', phone_key, name_key
from build.record
where phone_key is not null
union all
select record.rowid, further.kind, further.key, record.name_key
from build.further_identifier as further
inner join build.record on record.record_id = further.record_id;

-- Identifiers that several records have: only there can two records be one person's. Counted by a number for each first,
-- which takes a fraction of what counting texts does; a number that two have by chance is told from them then.
create temp table meeting as
with numbered as (
    select kind, hash(key) as number
    from identifier
    group by kind, number
    having count(*) > 1
),
shared as (
    select
        identifier.kind,
        identifier.key,
        -- Whoever has the same number is asked for the name there (crowd, links).
        case when identifier.kind = 'email' then one_spelling(identifier.name_key) end as spelled,
        identifier.kind = 'email' and identifier.name_key is null as is_nameless
    from identifier
    semi join numbered on numbered.kind = identifier.kind and numbered.number = hash(identifier.key)
)
select
    kind,
    key,
    count(*) as records,
    min(spelled) is distinct from max(spelled) as has_names,
    bool_or(is_nameless) as has_nameless,
    kind = 'email' and is_role_mailbox(key) as is_role_mailbox
from shared
group by kind, key
having count(*) > 1;

-- Behind a number that more than a dozen names use is a switchboard: of those, only who has the same name meets anybody.
create temp table met as
with busy as (
    select key from meeting where kind = 'phone' and records > 12
),
named as (
    select identifier.rid, identifier.key, one_spelling(without_generation(identifier.name_key)) as name_key
    from identifier
    semi join busy on identifier.kind = 'phone' and busy.key = identifier.key
),
-- By numbers for the names, as above.
crowd as (
    select key, hash(name_key) as number, count(*) as records
    from named
    group by key, number
),
switchboard as (
    select key
    from crowd
    group by key
    having count(*) > 12
),
again as (
    select key, name_key
    from named
    semi join crowd on crowd.records > 1 and crowd.key = named.key and crowd.number = hash(named.name_key)
    where name_key is not null
    group by key, name_key
    having count(*) > 1
)
select identifier.rid, identifier.kind, identifier.key, one_spelling(identifier.name_key) as name_key
from identifier
semi join meeting on meeting.kind = identifier.kind and meeting.key = identifier.key
anti join switchboard on identifier.kind = 'phone' and switchboard.key = identifier.key
union all
select named.rid, 'phone', named.key, one_spelling(record.name_key)
from named
semi join switchboard on switchboard.key = named.key
semi join again on again.key = named.key and again.name_key = named.name_key
inner join build.record on record.rowid = named.rid;

-- "Anna och Bo Berg" are two.
create temp macro is_of_several(names) as
    regexp_matches(names, '(^| )(och|and|und|og|ja|samt)( |$)');

-- Two names contradict each other unless all words of one are in the other, or where one of them is of several persons.
-- Which of its records of one name it is, a source counts: it may be of one person or of two, and speaks neither way.
create temp macro contradicts(one, other) as
    (
        not list_has_all(string_split(without_number(one), ' '), string_split(without_number(other), ' '))
        and not list_has_all(string_split(without_number(other), ' '), string_split(without_number(one), ' '))
    )
    or is_of_several(one) <> is_of_several(other);

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
