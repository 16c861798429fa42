-- Of how many persons nothing is left. Grain: one row. Holds figures.
select count(distinct person_id) as persons
from doomed
where person_id not in (select person_id from staying)
