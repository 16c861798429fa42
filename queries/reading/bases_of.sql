-- The entries of one person, or a certain entry, as far as they are stored.
-- grain: one row per basis
-- holds persons
select basis_id
from basis_status
where status <> 'PURGED'
    and case cast(:scope as varchar(20)) when 'basis' then basis_id when 'person' then person_id end
    = cast(:scope_key as varchar(120))
order by basis_id
