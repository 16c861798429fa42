-- What those are known by about whom somebody has decided who is one person, by keyed digest; what leads to both sides tells
-- neither from the other. Grain: decision x digest. Holds persons, by keyed digest.
with told as (
    select decided_record.decision_id, decided_record.side, known_by.text
    from build.decided_record
    inner join known_by on known_by.record_id = decided_record.record_id
)
select decision_id, min(side) as side, keyed(text) as digest
from told
group by decision_id, text
having min(side) = max(side)
