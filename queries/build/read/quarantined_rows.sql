-- The rows of one dataset that stayed out in this run, as the export gave them. Grain: one row per row. Holds persons.
select dataset, row_no, reason, line
from quarantine_row
where dataset = $dataset
order by row_no
