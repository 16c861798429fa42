-- How many of a batch's entries go and how many stay, and why.
-- grain: category x source x reason to stay (null: it goes)
-- holds figures
select category, source, stays, count(*) as bases, min(deadline_on) as oldest_on, max(deadline_on) as newest_on
from decided
group by category, source, stays
order by category, source, stays nulls first
