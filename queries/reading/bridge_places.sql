-- The entries that a bridge may have to account for, by their digests, and where they stand. Grain: one row per entry that
-- is overdue, held or undetermined. Holds persons.
select
    lower(status) as place,
    left(sha256($secret || basis_id), 16) as digest
from basis_status
where status in ('OVERDUE', 'HELD', 'UNDETERMINED')
