-- How many cells of each column say only that a spreadsheet could not work them out. Holds figures.
select count(*) filter (where is_error(columns(*))) as "\0"
from read_csv(
    $path,
    header = true,
    columns = $columns,
    delim = $delimiter,
    quote = '"',
    escape = '"',
    null_padding = false,
    strict_mode = true,
    auto_detect = false,
    max_line_size = 1000000,
    buffer_size = 8000000
)
