-- The entries that a batch deletes now, and those of its entries that stay with why.
-- grain: one row per entry of the batch
-- holds persons
select basis_key, basis_id, person_id, category, source, status, deadline_on, stays
from decided
order by basis_key
