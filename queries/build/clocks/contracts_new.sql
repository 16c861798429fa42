-- How many contracts of the export at hand keep an earlier date, or are kept without being in it, for the first time.
-- Holds figures.
select count(*)
from build.contract
where dataset = $dataset and moved_build = $build
