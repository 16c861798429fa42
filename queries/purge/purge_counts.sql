-- How many of a batch's entries go and how many stay, and why; with the rule of the category, null where it has none.
-- grain: category x source x reason to stay (null: it goes)
-- holds figures
select
    decided.category,
    decided.source,
    decided.stays,
    rule.period,
    rule.section,
    count(*) as bases,
    min(decided.deadline_on) as oldest_on,
    max(decided.deadline_on) as newest_on
from decided
left join rule on rule.category = decided.category
group by decided.category, decided.source, decided.stays, rule.period, rule.section
order by decided.category, decided.source, decided.stays nulls first
