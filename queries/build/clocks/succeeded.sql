-- The records of the build before of which it was still to be said whose date they keep.
create or replace temp view succeeded as from old.successor
