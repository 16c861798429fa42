-- What the values of one date column are read as, by the format that it has now; grain: one row per value that is not
-- plainly written. Holds figures.
select text, day
from date_reading
where field = $field
