-- Of how many persons nothing is left. Grain: one row. Holds figures.
select count(*) as persons
from doomed_person
