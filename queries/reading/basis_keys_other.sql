-- The keyed digests, by which batches name them, of all entries that have none yet. Grain: one row per basis. Holds persons.
select basis_id, keyed('basis|' || basis_id) as basis_key
from basis
where basis_id not in (select basis_id from basis_key)
