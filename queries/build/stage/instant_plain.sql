-- As date_plain.sql, for a column of instants.
select before.* replace (plain_instant(before.the_field) as the_field_instant)
from before
