-- The records of the build before, with all that a source says where it moved a date; grain: one row per record_id.
create or replace temp view record_before as
from old.record
