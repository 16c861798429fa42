-- How many persons that are stored are restricted, opted out of mailings (by the register or by their source) and have
-- objected, each counted once.
-- grain: one row
-- holds figures
select
    count(distinct case when restricted then person_id end) as restricted,
    count(distinct case when opted_out then person_id end) as opted_out,
    count(distinct case when objected then person_id end) as objected
from basis_status
where status <> 'PURGED'
