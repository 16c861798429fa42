-- Which sides of decisions have records in the copy.
-- grain: one row per decision and side
-- holds figures
select distinct decision_id, side
from decided_record
