-- How many cells of each column say only that a spreadsheet could not work them out. Holds figures.
select count(*) filter (where is_error(columns(*))) as "\0"
from csv_rows($path, $columns, $delimiter)
