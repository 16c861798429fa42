-- One round of spreading the smallest label over everything that is tied together; repeated until nothing moves.
create or replace temp table label as
with lowest as (
    select link.knot, min(label.root) as root
    from link
    inner join label on label.rid = link.rid
    group by link.knot
)
select link.rid, min(lowest.root) as root
from link
inner join lowest on lowest.knot = link.knot
group by link.rid
