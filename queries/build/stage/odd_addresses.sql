-- Cells with an address that is not plain: several of them, names and signs around it, letters outside ASCII; null is all
-- others, which to leave out here would have the cell put together anew for each time that its reading names it.
-- Grain: one row per way of writing. Holds persons.
select distinct case when email_key(email) is null then email end as odd
from staged
