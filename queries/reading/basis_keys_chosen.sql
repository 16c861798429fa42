-- The keyed digests of those entries that were picked out, for a database that has not made them itself. Grain: basis.
-- Holds persons.
select basis_key.basis_id, basis_key.basis_key
from basis_key
inner join chosen on chosen.basis_key = basis_key.basis_key
