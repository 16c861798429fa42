-- When the last hold was released that was on something stored of whom a request is surely from; nothing where none was.
-- grain: one row
-- holds figures
select max(hold.released_on) as released_on
from request_candidate
inner join basis_status on basis_status.person_id = request_candidate.person_id
inner join hold
    on (hold.scope = 'basis' and hold.scope_key = basis_status.basis_id)
    or (hold.scope = 'person' and hold.scope_key = basis_status.person_id)
    or (hold.scope = 'organisation' and hold.scope_key = basis_status.org_id)
    or (hold.scope = 'category' and hold.scope_key = basis_status.category)
where request_candidate.source = cast(:source as varchar(60))
    and request_candidate.reference = cast(:reference as varchar(80))
    and request_candidate.is_sure
    and hold.released_on <= cast(:as_of as date)
