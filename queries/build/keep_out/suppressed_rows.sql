-- A row on the list that is bad for another reason too is `suppressed`, since nothing it says may be kept.
create or replace temp table bad_row as
with suppressed_row as (
    select distinct row_no
    from suppressed_hit
    where dataset = $dataset and stays_out
)
select row_no, reason
from bad_row
where row_no not in (select row_no from suppressed_row)
union all
select row_no, 'suppressed'
from suppressed_row
