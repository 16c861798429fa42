-- How many listed entries lie at each urgency, in the list's order.
select
    urgency,
    count(*) as entries
from listed
group by urgency
order by urgency
