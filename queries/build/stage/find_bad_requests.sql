-- Which rows of an export of requests stay out of the copy. A row with several faults gets the first reason.
insert into bad_row
select
    row_no,
    case when reference is null then 'no_reference' else 'no_received' end
from dated
where reference is null or received_at_instant is null
