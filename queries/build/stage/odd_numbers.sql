-- Cells with a phone number that is not plain. Grain: one row per way of writing. Holds persons.
select distinct phone
from staged
where phone is not null and phone_key(phone) is null
