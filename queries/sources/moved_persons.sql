-- Who keeps a date that may be somebody else's.
-- grain: one row per dataset, build and number
-- holds persons
select entry_successor.dataset, entry_successor.build, entry_successor.number, min(basis.person_id) as person_id
from entry_successor
inner join basis
    on basis.basis_id = entry_successor.basis_id
    and basis.moved_dataset = entry_successor.dataset
    and basis.moved_build = entry_successor.build
group by entry_successor.dataset, entry_successor.build, entry_successor.number
order by entry_successor.build, entry_successor.dataset, entry_successor.number
