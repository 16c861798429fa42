-- How many rows of one export stay out, by reason. Holds figures.
select reason, count(*)
from quarantine_row
where dataset = $dataset
group by reason
order by reason
