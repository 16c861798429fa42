-- Persons who share an address, or a number and a part of their name, and were not tied to one; pairs that somebody has
-- decided are left out. What more than six share is the mailbox or switchboard of many, and says nothing of two of them
-- unless their names are the same. Grain: one row per pair.
insert into build.possible_double
with holder as (
    select distinct identifier.kind, identifier.key, owned.person_id
    from identifier
    inner join split on split.kind = identifier.kind and split.key = identifier.key
    inner join owned on owned.rid = identifier.rid
    where owned.erased_on is null
),
-- Counted by key before anybody is looked at: a switchboard of thousands is left out whole.
few as (
    select kind, key
    from holder
    group by kind, key
    having count(*) between 2 and 6
),
pair as (
    select distinct one.person_id as person_a, other.person_id as person_b
    from few
    inner join holder as one on one.kind = few.kind and one.key = few.key
    inner join holder as other
        on other.kind = few.kind and other.key = few.key and other.person_id > one.person_id
    union
    select one.person_id, other.person_id
    from split_name
    inner join identifier as had
        on had.kind = split_name.kind and had.key = split_name.key
        and one_spelling(had.name_key) = split_name.name_key
    inner join owned as one on one.rid = had.rid
    inner join identifier as has
        on has.kind = split_name.kind and has.key = split_name.key
        and one_spelling(has.name_key) = split_name.name_key
    inner join owned as other on other.rid = has.rid and other.person_id > one.person_id
),
part as (
    select person_a as person_id from pair
    union
    select person_b from pair
),
-- All that is known of those who are in a pair.
known as (
    select
        owned.person_id,
        list_distinct(list(one_spelling(owned.name_key)) filter (where owned.name_key is not null)) as names,
        list_distinct(list(mail.key) filter (where mail.key is not null)) as mails,
        list_distinct(list(call.key) filter (where call.key is not null)) as calls
    from owned
    inner join part on part.person_id = owned.person_id
    left join identifier as mail on mail.rid = owned.rid and mail.kind = 'email'
    left join identifier as call on call.rid = owned.rid and call.kind = 'phone'
    group by owned.person_id
),
-- Null where nothing of the kind is known of one of the two: that speaks neither for nor against.
weighed as (
    select
        pair.*,
        list_has_any(one.mails, other.mails) as same_mail,
        list_has_any(one.calls, other.calls) as same_call,
        list_has_any(one.names, other.names) as same_name,
        list_has_any(
            string_split(unmarked(array_to_string(one.names, ' ')), ' '),
            string_split(unmarked(array_to_string(other.names, ' ')), ' ')
        ) as same_word
    from pair
    inner join known as one on one.person_id = pair.person_a
    inner join known as other on other.person_id = pair.person_b
)
select
    person_a,
    person_b,
    list_filter(
        [
            case when same_mail then 'email' end,
            case when same_call then 'phone' end,
            case when same_name then 'name' end,
            case when same_word and not same_name then 'name_part' end
        ],
        lambda word: word is not null
    ),
    list_filter(
        [
            case when not same_name then 'other_name' end,
            case when not same_mail then 'other_email' end,
            case when not same_call then 'other_phone' end
        ],
        lambda word: word is not null
    )
from weighed
where (same_mail or same_word)
    and (person_a, person_b) not in (
        select least(one.person_id, other.person_id), greatest(one.person_id, other.person_id)
        from decided_different
        inner join owned as one on one.rid = decided_different.rid
        inner join owned as other on other.rid = decided_different.other_rid
    );
