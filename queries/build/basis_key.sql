-- Every entry's keyed digest, by which batches name it. Grain: one row per basis. Holds persons.
select basis_id, keyed('basis|' || basis_id) as basis_key
from basis
