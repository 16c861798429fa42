-- The rows of the export at hand in the canonical shape: missing fields are null, left-out columns are gone, and an
-- address or a number that stands in another's column is with its own.
create or replace temp view staged as
with whole as (
    select * from template
    union all by name
    select columns(name -> not starts_with(name, 'left_out_')) from raw
)
select * replace (
    with_addresses(email, name, given_name, family_name, phone) as email,
    with_numbers(phone, name, given_name, family_name, email) as phone
)
from whole
