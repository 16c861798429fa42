-- A key tells that it is the same person where it led there in the build before, and its record is nobody else's since.
-- Grain: as sided.
update sided
set is_same = true
from looked_at
where looked_at.decision_id = sided.decision_id
    and looked_at.record_id = sided.record_id
    and looked_at.side = sided.side
    and looked_at.record_id in (select record_id from old.record)
    and looked_at.record_id not in (select record_id from given_on)
    and (
        looked_at.decision_id in (select decision_id from decision_trace where is_new)
        or (looked_at.decision_id, looked_at.record_id, looked_at.side) in (
            select (decision_id, record_id, side) from decided_before
        )
    )
