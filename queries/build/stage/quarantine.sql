-- Keeps what the export said of the rows that stay out, except of persons in a customer's environment and of erased ones.
insert into quarantine_row
select
    $dataset,
    bad_row.row_no,
    bad_row.reason,
    case when bad_row.reason not in ('env_user', 'suppressed') then concat_ws(' ; ', *columns(raw.* exclude (row_no))) end
from bad_row
inner join raw on raw.row_no = bad_row.row_no
union all
select $dataset, row_no, reason, line
from reject
