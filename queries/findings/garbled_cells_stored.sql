-- Cells that came garbled and are stored so: written twice, or with letters lost.
-- grain: one row per source x dataset x field x what
-- holds figures
select
    source,
    dataset,
    case when field like 'twice:%' then 'twice' else 'lost' end as what,
    case when field like 'twice:%' then substr(field, 7) else substr(field, 6) end as field,
    rows
from unread_cell
where field like 'twice:%' or field like 'lost:%'
order by source, dataset, what, field
