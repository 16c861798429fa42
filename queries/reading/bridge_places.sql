-- The entries that a bridge may have to account for, by their digests, and where they stand. Grain: one row per entry that
-- is overdue, held or undetermined. Holds persons.
select
    case status when 'OVERDUE' then 'overdue' when 'HELD' then 'held' else 'undetermined' end as place,
    left(sha256($secret || basis_id), 16) as digest
from basis_status
where status in ('OVERDUE', 'HELD', 'UNDETERMINED')
