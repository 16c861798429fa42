-- The rows of the export at hand in the canonical shape, where some have an address or a number that stands in another's
-- column: it is with its own.
create or replace temp view staged as
select * replace (
    with_addresses(email, name, given_name, family_name, phone) as email,
    with_numbers(phone, name, given_name, family_name, email) as phone
)
from whole
