-- The rows of an export that has no key of its own, in the canonical shape: the address is the key.
create or replace temp view staged as
with whole as (
    select * from template
    union all by name
    select columns(name -> not starts_with(name, 'left_out_')) from raw
)
select * replace (
    coalesce(source_key, lower(email)) as source_key,
    with_addresses(email, name, given_name, family_name, phone) as email,
    with_numbers(phone, name, given_name, family_name, email) as phone
)
from whole
