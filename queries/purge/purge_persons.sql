-- What a batch leaves of the persons that it concerns: nothing at all, or another entry and where that stands.
-- grain: one row
-- holds figures
with going as (
    select person_id, count(*) as bases
    from decided
    where stays is null
    group by person_id
),
stored as (
    select going.person_id, going.bases as going, count(*) as stored
    from going
    inner join basis_status on basis_status.person_id = going.person_id
    where basis_status.status <> 'PURGED'
    group by going.person_id, going.bases
)
select
    count(*) as persons,
    count(*) filter (where stored = going) as persons_gone,
    count(*) filter (where stored > going) as persons_left,
    coalesce(cast(sum(stored - going) as bigint), 0) as bases_left
from stored
