-- How many contracts of the export at hand keep an earlier date for the first time. Holds figures.
select count(*)
from moved_contract
where moved_build = $build
