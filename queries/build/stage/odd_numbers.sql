-- Cells with a phone number that is not plain; null is all others. Grain: one row per way of writing. Holds persons.
select distinct case when not is_plain_number(phone) and phone_key(phone) is null then phone end as odd
from staged
