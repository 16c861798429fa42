-- How many rows have nothing in them, and the first of them. Holds figures.
select count(*) as rows, min_by(row_no, row_no, 20) as first_rows
from (select rowid + 1 as row_no, coalesce(*columns(*)) as first_cell from raw_text)
where first_cell is null
