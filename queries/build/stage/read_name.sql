-- What was read in such names; grain: one row per way of writing. Holds persons.
create or replace temp table read_name as
from read_frame
