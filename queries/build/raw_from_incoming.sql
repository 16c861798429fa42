-- Typed columns as the text that a CSV would have had.
create temp table raw as
select
    row_number() over () as row_no,
    nullif(trim(cast(columns(*) as varchar)), '')
from incoming
