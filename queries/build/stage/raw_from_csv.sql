-- The rows of a CSV file as text; blank is null. The first row that does not fit ends it, and the file is then read exactly.
-- Looking at each cell for what a spreadsheet may have written costs half as much again, so it is asked for.
create temp table raw_text as
select if($as_meant, told_cell(columns(*)), nullif(trim(columns(*)), ''))
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
    -- A record is within two buffers or an error, which bounds what is held of one that never ends.
    buffer_size = 8000000
)
