-- Whom the rows of an export of mailings or opt-outs name that stay out of the copy. Grain: one row per row.
insert into told_aside
select $dataset, row_no, coalesce(email_key(email), email), null
from dated
where row_no in (select row_no from bad_row)
