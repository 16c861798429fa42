-- How many of the entries that a bridge starts from are stored. Grain: one row. Holds figures.
select count(*) as bases
from bridge_entry
where start_number = $number and cause in ('stayed', 'held', 'corrected', 'extended')
