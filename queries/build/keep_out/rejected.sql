-- The cells of the rows that could not be read; grain: one row per row. Holds persons.
select row_no, cells
from reject
order by row_no
