-- Rows in which a NUL stands, which no system means.
select row_no, * exclude (row_no, whole)
from (
    select
        rowid + 1 as row_no,
        concat_ws('', *columns(*)) as whole,
        *
    from raw_text
)
where contains(whole, chr(0))
order by row_no
