-- Filled cells in which no address or number could be read.
-- grain: one row per source x dataset x field
-- holds figures
select source, dataset, field, rows
from unread_cell
where field not like '%:%'
order by source, dataset, field
