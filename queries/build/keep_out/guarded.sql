-- What the rows of the export at hand would be recognised by, before any of them is written; grain: one row per row.
create or replace temp table guarded as
with worded as (
    select
        dated.*,
        case $record
            when 'person' then coalesce(category_word.category, $category, 'UNCLASSIFIED')
            when 'voucher' then 'VOUCHER'
            else 'WEB_VISITOR'
        end as category_found,
        name_of(name, given_name, family_name) as full_name
    from dated
    left join category_word on category_word.word = lower(dated.category)
)
select
    row_no,
    source_key,
    category_found as category,
    category_found = 'CUSTOMER_CONTACT'
    and coalesce($source || ':' || org_key in (select org_id from never_customer), false) as counts_as_prospect,
    phone,
    case when email_key(email) is not null then [email_key(email)] else read_address.keys end as email_keys,
    case when phone_key(phone) is not null then [phone_key(phone)] else read_number.keys end as phone_keys,
    coalesce(name_key(full_name), read_name.keys[1]) as name_key,
    -- As it was read earlier, where that is otherwise: entries of the suppression list were made with it.
    read_name.keys[2] as earlier_name,
    full_name,
    $record <> 'person' or full_name is not null or email is not null or phone is not null as is_identified,
    coalesce(
        designated_on_day,
        registered_on_day,
        starts_on_day,
        cast(set_at_instant at time zone 'Europe/Stockholm' as date)
    ) as registered_on
from worded
left join read_address on read_address.original = worded.email
left join read_number on read_number.original = worded.phone
left join read_name on read_name.original = worded.full_name
