-- The same rows with the dates of one column, `the_field`, in which all are written as most exports write them.
select before.* replace (plain_date(before.the_field) as the_field_day)
from before
