-- Whether anything was taken in that says what was sent, whenever that was.
-- grain: one row
-- holds figures
select count(*) > 0 as is_known
from mailing
