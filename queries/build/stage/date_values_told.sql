-- The date columns that hold anything, each with whether some of its values are not plainly written; grain: column. Holds
-- figures.
select field, bool_or(text is not null) as is_any_apart
from date_value
group by field
order by field
