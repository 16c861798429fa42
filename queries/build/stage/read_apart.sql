-- The date columns of the export at hand in which something had to be read apart. Grain: field. Holds figures.
select distinct field
from date_reading
order by field
