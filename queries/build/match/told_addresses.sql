-- The addresses in what is kept of rows that stay out for another reason, which the list is asked for.
create or replace temp table guarded as
with told as (
    select row_no, unnest(regexp_extract_all(lower(line), '[^\s;,|<>()"'']+@[^\s;,|<>()"'']+')) as address
    from quarantine_row
    where dataset = $dataset and line is not null
)
select row_no, email_key(address) as email_key
from told
union all
select quarantine_row.row_no, unnest(read_line.keys)
from quarantine_row
inner join read_line on read_line.original = quarantine_row.line
where quarantine_row.dataset = $dataset
