-- The rows of the export at hand in the canonical shape.
create or replace temp view staged as
from whole
