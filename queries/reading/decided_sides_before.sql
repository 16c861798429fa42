-- Which sides of decisions had records in the build before. Grain: decision x side. Holds figures.
select distinct decision_id, side
from old.decided_record
