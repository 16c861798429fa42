-- Cells with an address that is not plain: several of them, names and signs around it, letters outside ASCII.
-- Grain: one row per way of writing. Holds persons.
select distinct email
from staged
where email is not null and email_key(email) is null
