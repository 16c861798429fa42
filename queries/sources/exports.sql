-- What the build was made of, and how old each export is.
-- grain: one row per dataset
-- holds figures
select
    dataset,
    source,
    mapping,
    exported_at,
    exported_at_from,
    taken_in_at,
    rows_in,
    rows_loaded,
    rows_quarantined
from export
order by source, dataset
