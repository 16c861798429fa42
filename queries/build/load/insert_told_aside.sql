-- Whom the grants of an export name that stay out of the copy. Grain: one row per row.
insert into told_aside
select $dataset, row_no, coalesce(email_key(holder), holder), coalesce(email_key(approver), approver)
from dated
where row_no in (select row_no from bad_row)
