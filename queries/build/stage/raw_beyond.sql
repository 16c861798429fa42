-- How many rows have something after the last column. Holds figures.
select count(*)
from (select coalesce(*columns(name -> starts_with(name, 'beyond_'))) as beyond from raw_text)
where beyond is not null
