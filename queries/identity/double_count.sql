-- How many pairs of persons may be one.
-- grain: one row
-- holds figures
select count(*) as pairs
from possible_double
