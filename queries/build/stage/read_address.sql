-- What was read in such cells; grain: one row per way of writing. Holds persons.
create or replace temp table read_address as
from read_frame
