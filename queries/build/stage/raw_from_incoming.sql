-- Typed columns as the text that a CSV would have had.
create temp table raw_text as
select told_cell(cast(columns(*) as varchar))
from incoming
