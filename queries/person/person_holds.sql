-- The holds that cover a person, or did: by the person, by one of the entries, by an organisation or by a category.
-- grain: one row per hold x scope
-- holds persons
select distinct
    hold.hold_id,
    hold.scope,
    hold.placed_on,
    hold.released_on
from hold
inner join basis_status
    on (hold.scope = 'person' and hold.scope_key = basis_status.person_id)
    or (hold.scope = 'basis' and hold.scope_key = basis_status.basis_id)
    or (hold.scope = 'organisation' and hold.scope_key = basis_status.org_id)
    or (hold.scope = 'category' and hold.scope_key = basis_status.category)
where basis_status.person_id = cast(:person as varchar(40))
    and basis_status.status <> 'PURGED'
    and (
        cast(:owned as varchar(400)) is null
        or position(',' || basis_status.category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
    )
order by hold.placed_on, hold.hold_id, hold.scope
