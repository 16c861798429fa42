-- What tells somebody in such rows; grain: one row per row, kind and value. Holds persons.
create or replace temp table read_rejected as
from read_frame
