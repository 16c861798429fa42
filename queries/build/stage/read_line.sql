-- What was read in such lines; grain: one row per line. Holds persons.
create or replace temp table read_line as
from read_frame
