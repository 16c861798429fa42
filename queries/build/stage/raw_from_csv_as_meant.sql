-- The same of a file in which there are signs of a spreadsheet's: looking at each cell for what it may have written costs
-- half as much again, and to plan for it costs a small file more than to read it.
create temp table raw_text as
select told_cell(columns(*))
from csv_rows($path, $columns, $delimiter)
