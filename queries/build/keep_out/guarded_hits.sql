-- Which rows of the export at hand are on the suppression list, by the entries of one key. Sure is the record's own key
-- under the same name or where one of the two has none, since a source may give a key to somebody else, and so is the key
-- of a record that was kept out as theirs, where nothing of them was left and their name is known; an address that
-- was one person's, under the same name or where one of the two has none; a number that was one person's, with the name;
-- and what somebody has decided to be the same. All else may be somebody else: who shares a mailbox or a switchboard,
-- has the number under another name, or has the same name where no address or number is or can be read.
-- By which names the list may know somebody (known_names) is asked of rows that are met there, since it is many.
-- Grain: row x entry.
insert into guarded_hit
with mine as materialized (
    select * from suppressed where key_id = $key_id
),
mail as (
    select row_no, category, counts_as_prospect, name_key, earlier_name, unnest(email_keys) as email_key
    from guarded
),
call as (
    select
        row_no, category, counts_as_prospect, full_name, earlier_name, name_key as own_name,
        coalesce(name_key, '') as name_key, coalesce(one_spelling(bare_name(name_key)), '') as bare,
        unnest(phone_keys) as phone_key
    from guarded
),
-- Entries of an earlier version do not say what was shared, and have names as that version read them; those of one before
-- names were compared in one spelling have them as they are.
dialled as (
    select
        row_no, category, counts_as_prospect, phone_key, own_name, earlier_name,
        keyed('phone|' || phone_key || '|' || name) as phone_digest, false as is_old
    from (
        -- What is null is none of the list.
        select *, unnest(list_distinct([name_key, one_spelling(name_key), bare, earlier_name])) as name
        from call
    )
    union all
    select
        row_no, category, counts_as_prospect, phone_key, null, null,
        keyed('phone|' || phone_key || '|' || old_name_key(full_name)), true
    from call
    where exists (select 1 from mine where is_shared_phone is null and phone_digest is not null)
),
decided as materialized (
    select * from mine where email_digest is null and email_name_digest is not null
),
digested as materialized (
    select
        row_no, name_key, earlier_name,
        keyed('record|' || $dataset || ':' || coalesce(source_key, '')) as record_digest
    from guarded
),
nothing_but_named as (
    select row_no, category, counts_as_prospect, unnest(known_names(name_key, earlier_name)) as name
    from guarded
    where coalesce(len(email_keys), 0) = 0 and coalesce(len(phone_keys), 0) = 0
),
met as (
    select
        mail.row_no,
        mail.category,
        mail.counts_as_prospect,
        mine.suppression_id,
        mine.is_shared_email is null
        or (
            not mine.is_shared_email
            and coalesce(
                list_contains(
                    [
                        keyed('email|' || mail.email_key || '|' || name)
                        for name in known_names(mail.name_key, mail.earlier_name)
                    ],
                    mine.email_name_digest
                ),
                true
            )
        ) as is_sure,
        mail.email_key,
        null as phone_key,
        case
            when list_contains(
                [
                    keyed('email|' || mail.email_key || '|' || name)
                    for name in known_names(mail.name_key, mail.earlier_name)
                ],
                mine.email_name_digest
            )
                then mine.email_name_digest
            else keyed('email|' || mail.email_key || '|' || mail.name_key)
        end as email_name_digest,
        null as phone_digest
    from mail
    inner join mine on mine.email_digest = keyed('email|' || mail.email_key)
    union all
    -- What somebody has decided about is the address with the name, and says nothing of who else reads it.
    select
        mail.row_no,
        mail.category,
        mail.counts_as_prospect,
        decided.suppression_id,
        true,
        mail.email_key,
        null,
        decided.email_name_digest,
        null
    from (
        select *, unnest(known_names(name_key, earlier_name)) as name
        from mail
        where exists (select 1 from decided)
    ) as mail
    inner join decided on decided.email_name_digest = keyed('email|' || mail.email_key || '|' || mail.name)
    union all
    select
        dialled.row_no,
        dialled.category,
        dialled.counts_as_prospect,
        mine.suppression_id,
        not coalesce(mine.is_shared_phone, false)
        -- The number is looked for by the name without whether that is the elder's or the younger's.
        and coalesce(
            list_contains(
                [keyed('name|' || name) for name in known_names(dialled.own_name, dialled.earlier_name)],
                mine.name_digest
            ),
            true
        ),
        null,
        dialled.phone_key,
        null,
        mine.phone_digest
    from dialled
    inner join mine on mine.phone_digest = dialled.phone_digest and (mine.is_shared_phone is null) = dialled.is_old
    union all
    -- The number under whatever name, or none: somebody's who has married, or whom the number was given to.
    select
        call.row_no,
        call.category,
        call.counts_as_prospect,
        mine.suppression_id,
        false,
        null,
        call.phone_key,
        null,
        keyed('phone|' || call.phone_key || '|' || call.bare)
    from call
    inner join mine on mine.number_digest = keyed('number|' || call.phone_key)
    union all
    -- Nothing but the name: of the source that had the erased one, since elsewhere many are called that.
    select named.row_no, named.category, named.counts_as_prospect, mine.suppression_id, false, null, null, null, null
    from nothing_but_named as named
    inner join mine on mine.name_digest = keyed('name|' || named.name) and mine.dataset = $dataset
),
hit as (
    select
        digested.row_no, mine.suppression_id, true as by_key,
        coalesce(
            list_contains(
                [keyed('name|' || name) for name in known_names(digested.name_key, digested.earlier_name)],
                mine.name_digest
            ),
            true
        ) as is_sure,
        null as email_key, null as phone_key, null as email_name_digest, null as phone_digest
    from digested
    inner join (
        select suppression_id, record_digest, name_digest from mine
        union
        select mine.suppression_id, kept.record_digest, mine.name_digest
        from mine
        inner join kept on kept.suppression_id = mine.suppression_id
        where mine.category is null and mine.name_digest is not null
    ) as mine
        on mine.record_digest = digested.record_digest
    union all
    select
        met.row_no, met.suppression_id, false, met.is_sure, met.email_key, met.phone_key, met.email_name_digest,
        met.phone_digest
    from met
    inner join mine on mine.suppression_id = met.suppression_id
    where mine.category is null
        or mine.category = met.category
        or (mine.category = 'PROSPECT' and met.counts_as_prospect)
),
together as (
    select
        row_no,
        suppression_id,
        bool_or(by_key) as by_key,
        bool_or(is_sure) as is_sure,
        max(email_key) as email_key,
        max(phone_key) as phone_key,
        max(email_name_digest) as email_name_digest,
        max(phone_digest) as phone_digest
    from hit
    group by row_no, suppression_id
)
select
    together.row_no,
    together.suppression_id,
    mine.batch_id,
    mine.erased_on,
    mine.category is null,
    digested.record_digest,
    case
        when list_contains(
            [keyed('name|' || name) for name in known_names(digested.name_key, digested.earlier_name)],
            mine.name_digest
        )
            then mine.name_digest
        else keyed('name|' || digested.name_key)
    end,
    together.by_key,
    together.is_sure,
    together.email_key,
    together.phone_key,
    together.email_name_digest,
    together.phone_digest,
    coalesce(together.phone_digest = mine.phone_digest, false)
    or coalesce(together.email_name_digest = mine.email_name_digest, false)
from together
inner join mine on mine.suppression_id = together.suppression_id
inner join digested on digested.row_no = together.row_no
