-- Whether the export at hand has records that the one before it did not have under their key. Holds figures.
select count(*) > 0
from compared
where record_id is null
