-- The rows of a CSV file as text; blank is null. Where a row does not fit, the file is then read exactly.
-- Looking at each cell for what a spreadsheet may have written costs half as much again, so it is asked for.
create temp table raw_text as
select if($as_meant, told_cell(columns(*)), trimmed_cell(columns(*)))
from csv_rows($path, $columns, $delimiter)
