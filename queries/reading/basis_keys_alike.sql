-- The keyed digests, by which batches name them, of entries that are what entries of the batch were when it was made.
-- Grain: one row per basis. Holds persons.
select basis_id, keyed('basis|' || basis_id) as basis_key
from basis_status
where (category, source, status) in (select (category, source, status) from chosen)
    and basis_id not in (select basis_id from basis_key)
