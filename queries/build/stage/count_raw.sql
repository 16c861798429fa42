-- How many rows were read. Holds figures.
select count(*)
from raw_text
