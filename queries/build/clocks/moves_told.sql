-- How many records of the export at hand keep an earlier date, and how many of those for the first time. Holds figures.
select count(*), count(*) filter (where moved_build = $build)
from move
