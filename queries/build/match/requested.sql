-- Whom requests are from: who has the address that was given, or, where none was, the number. Sure is who alone has that
-- address, as long as no name speaks against it, or who has the number and the name.
insert into build.request_person
with held as (
    select identifier.kind, identifier.key, owned.person_id, owned.name_key
    from build.request_key
    inner join identifier on identifier.kind = 'email' and identifier.key = request_key.email_key
    inner join owned on owned.rid = identifier.rid
    union
    select identifier.kind, identifier.key, owned.person_id, owned.name_key
    from build.request_key
    inner join identifier on identifier.kind = 'phone' and identifier.key = request_key.phone_key
    inner join owned on owned.rid = identifier.rid
),
met_by as (
    select
        request_key.source,
        request_key.reference,
        held.person_id,
        held.kind,
        case
            when request_key.name_key is null or held.name_key is null then null
            when request_key.name_key = held.name_key then 'same'
            when contradicts(request_key.name_key, held.name_key) then 'other'
            else 'part'
        end as name_is,
        request_key.email_key is not null as gave_address
    from build.request_key
    inner join held
        on (held.kind = 'email' and held.key = request_key.email_key)
        or (held.kind = 'phone' and held.key = request_key.phone_key)
),
told as (
    select
        source,
        reference,
        person_id,
        bool_or(kind = 'email') as by_address,
        bool_or(kind = 'phone') as by_number,
        bool_or(gave_address) as gave_address,
        coalesce(bool_or(name_is = 'same'), false) as has_name,
        coalesce(bool_or(name_is in ('same', 'part')), false) as has_part,
        coalesce(bool_and(name_is = 'other'), false) as has_other_name
    from met_by
    group by source, reference, person_id
),
counted as (
    select *, count(*) filter (where by_address) over (partition by source, reference) as with_address
    from told
    -- Who has another address than the one that was given is not taken for the sender.
    where by_address or not gave_address
)
select
    source,
    reference,
    person_id,
    case
        when by_address then with_address = 1 and not has_other_name
        else not gave_address and has_name
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
            case when by_address and with_address > 1 then 'shared_email' end
        ],
        lambda word: word is not null
    )
from counted;
