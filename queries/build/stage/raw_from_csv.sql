-- The rows of a CSV file as text; blank is null. Where a row does not fit, the file is then read exactly.
create temp table raw_text as
select trimmed_cell(columns(*))
from csv_rows($path, $columns, $delimiter)
