-- Writes cells of a column as they were meant.
update raw_text
set the_field = meant_frame.meant
from meant_frame
where raw_text.the_field = meant_frame.was
