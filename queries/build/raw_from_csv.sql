-- The rows of a CSV file as text; blank is null. What does not fit is noted by DuckDB, and the file is then read exactly.
create temp table raw_text as
select nullif(trim(columns(*)), '')
from read_csv(
    $path,
    header = true,
    columns = $columns,
    delim = $delimiter,
    quote = '"',
    escape = '"',
    null_padding = false,
    strict_mode = true,
    store_rejects = true,
    auto_detect = false,
    max_line_size = 2000000
)
