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

-- Behind a number that more than a dozen names use is a switchboard: of those, only who has the same name meets anybody. A
-- number stands for its row of the table meeting, which is compared sooner.
create temp table met as
with named as materialized (
    select identifier.rid, meeting.rowid as line, one_spelling(identifier.name_key) as name_key
    from identifier
    inner join meeting on meeting.kind = identifier.kind and meeting.key = identifier.key
    where meeting.kind = 'phone' and meeting.records > 12
),
-- By numbers for the names, as above.
crowd as (
    select line, hash(without_generation(name_key)) as number, count(*) as records
    from named
    group by line, number
),
switchboard as (
    select line
    from crowd
    group by line
    having count(*) > 12
),
again as (
    select line, without_generation(name_key) as name
    from named
    where name_key is not null
        and (line, hash(without_generation(name_key))) in (select (line, number) from crowd where records > 1)
    group by line, name
    having count(*) > 1
)
select identifier.rid, identifier.kind, identifier.key, one_spelling(identifier.name_key) as name_key
from identifier
inner join meeting on meeting.kind = identifier.kind and meeting.key = identifier.key
where meeting.kind = 'email' or meeting.records <= 12
union all
-- Asked for as members of a list, since that is kept beside, and not the many rows.
select named.rid, 'phone', meeting.key, named.name_key
from named
inner join meeting on meeting.rowid = named.line
where named.line not in (select line from switchboard)
    or (named.line, without_generation(named.name_key)) in (select (line, name) from again);

-- "Anna och Bo Berg" are two.
create temp macro is_of_several(names) as
    regexp_matches(names, '(^| )(och|and|und|og|ja|samt)( |$)');

-- Two names contradict each other unless all words of one are in the other, or where one of them is of several persons.
-- Which of its records of one name it is, a source counts: it may be of one person or of two, and speaks neither way. So
-- does that a man is meant, or a woman, but beside the other, and what is remarked of somebody but beside another remark.
create temp macro words_told(name_key) as
    string_split(unaddressed(without_number(name_key)), ' ');

-- How somebody is addressed, and what else tells which of several of one name they are; empty where nothing does.
create temp macro addressed_as(name_key) as
    regexp_extract(name_key, '(?:^| )(herr|fru|~froken|~master)(?: |$)', 1);

create temp macro remarked_of(name_key) as
    regexp_extract(regexp_replace(name_key, '~(froken|master)( |$)', ' '), '(?:^| )([js]r|~[^ ]+)(?: |$)', 1);

create temp macro contradicts(one, other) as
    (
        not list_has_all(words_told(one), words_told(other))
        and not list_has_all(words_told(other), words_told(one))
    )
    or is_of_several(one) <> is_of_several(other)
    or (addressed_as(one) <> addressed_as(other) and addressed_as(one) <> '' and addressed_as(other) <> '')
    or (remarked_of(one) <> remarked_of(other) and remarked_of(one) <> '' and remarked_of(other) <> '')
    -- A comma may stand between two names.
    or (
        contains(one, '~och') <> contains(other, '~och')
        and unaddressed(without_number(one)) <> unaddressed(without_number(other))
    );

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
