-- Whom requests are from. Sure is who has an address that was given, as long as nobody else has it, it is no mailbox that
-- several people read, and no name speaks against it; or, where no address was given, who has the number and the name of
-- two words. Whoever else shares an address, or the number and a name, is offered for somebody to say.
insert into build.request_person
with given as (
    select source, reference, 'email' as kind, email_key as key, one_spelling(name_key) as name_key, true as gave_address
    from build.request_key
    where email_key is not null
    union
    select source, reference, 'phone', phone_key, one_spelling(name_key), email_key is not null
    from build.request_key
    where phone_key is not null
),
held as (
    select distinct identifier.kind, identifier.key, owned.person_id, one_spelling(owned.name_key) as name_key
    from identifier
    semi join given on given.kind = identifier.kind and given.key = identifier.key
    inner join owned on owned.rid = identifier.rid
),
holder as (
    select
        *,
        kind = 'email' and is_role_mailbox(key) as is_role_mailbox,
        count(distinct person_id) over (partition by kind, key) > 1 as is_shared
    from held
),
met_by as (
    select
        given.source,
        given.reference,
        given.gave_address,
        holder.person_id,
        holder.kind,
        holder.is_shared,
        holder.is_role_mailbox,
        case
            when given.name_key is null or holder.name_key is null then null
            when same_name(given.name_key, holder.name_key) then 'same'
            when not contradicts(given.name_key, holder.name_key) then 'part'
            when list_has_any(words_of(given.name_key), words_of(holder.name_key)) then 'word'
            else 'other'
        end as name_is,
        contains(without_generation(given.name_key), ' ') as is_full_name
    from given
    inner join holder on holder.kind = given.kind and holder.key = given.key
),
told as (
    select
        source,
        reference,
        person_id,
        bool_or(kind = 'email') as by_address,
        bool_or(kind = 'phone') as by_number,
        bool_or(kind = 'email' and not is_shared and not is_role_mailbox) as by_own_address,
        bool_or(kind = 'email' and not is_shared) as by_sole_address,
        bool_or(gave_address) as gave_address,
        coalesce(bool_or(name_is = 'same'), false) as has_name,
        coalesce(bool_or(name_is = 'same' and is_full_name), false) as has_full_name,
        coalesce(bool_or(name_is in ('same', 'part', 'word')), false) as has_part,
        coalesce(bool_and(name_is in ('word', 'other')), false) as has_other_name
    from met_by
    group by source, reference, person_id
)
select
    source,
    reference,
    person_id,
    case
        when by_address then not has_other_name and by_own_address
        else not gave_address and has_full_name
    end,
    list_filter(
        [
            case when by_address then 'email' end,
            case when by_number then 'phone' end,
            case when has_name then 'name' end,
            case when has_part and not has_name then 'name_part' end
        ],
        lambda word: word is not null
    ),
    list_filter(
        [
            case when has_other_name then 'other_name' end,
            case when gave_address and not by_address then 'other_email' end,
            case when by_address and not by_sole_address then 'shared_email' end,
            case when by_sole_address and not by_own_address then 'role_mailbox' end
        ],
        lambda word: word is not null
    )
from told
-- A number alone is a switchboard's; with a word of the name it may be that of somebody who has another name now.
where by_address or has_part or not (gave_address or has_other_name)
