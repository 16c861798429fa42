-- Everybody alone again, for another round.
create or replace temp table label as
select rid, rid as root
from link
group by rid
