-- Loads what those who ask to be erased can be found by; nothing else of a request is in a build. One row per address
-- that was given, or one without an address, for each number.
insert into build.request_key
select
    $dataset,
    $source,
    reference,
    case
        when email_key(email) is not null then email_key(email)
        else unnest(coalesce(nullif(read_address.keys, []), [null]))
    end,
    number,
    coalesce(name_key(full_name), read_name.keys[1])
from (
    select
        dated.*,
        name_of(name, given_name, family_name) as full_name,
        case
            when phone_key(phone) is not null then phone_key(phone)
            else unnest(coalesce(nullif(read_number.keys, []), [null]))
        end as number
    from dated
    left join read_number on read_number.original = dated.phone
) as asked
left join read_address on read_address.original = asked.email
left join read_name on read_name.original = asked.full_name
where row_no not in (select row_no from bad_row)
    -- One that is closed is nobody's any more.
    and closed_on_day is null
    and reference not in (select reference from answered where source = $source)
