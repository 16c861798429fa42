-- Rows that may be no data by what they begin with: a total, a footer, or the headers again.
select row_no, * exclude (row_no, first_cell)
from (
    select
        rowid + 1 as row_no,
        coalesce(*columns(*)) as first_cell,
        *
    from raw_text
)
where regexp_matches(first_cell, $words) or list_contains($headers, lower(first_cell))
order by row_no
