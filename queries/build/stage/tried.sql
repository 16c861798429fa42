-- How many of the staged rows would stay out of the copy; grain: reason. Holds figures.
select reason, count(*) as rows
from (
    select reason from bad_row
    union all
    select reason from reject
)
group by reason
order by reason
