-- The addresses in what is kept of rows that stay out for another reason, in the shape of `guarded`.
create or replace temp table guarded as
with told as (
    select row_no, unnest(regexp_extract_all(lower(line), '[^\s;,|<>()"'']+@[^\s;,|<>()"'']+')) as address
    from quarantine_row
    where dataset = $dataset and line is not null
)
select row_no, email_key(address) as email_key, null::varchar as phone, null::varchar as phone_key
from told
