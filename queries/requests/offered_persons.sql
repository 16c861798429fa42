-- The persons of whom somebody has to say, or has said, whether a request is from them; their names only where the caller
-- may see persons. In an order that no answer changes: the next click is meant for whom it was aimed at.
-- grain: one row per person
-- holds persons
select
    request_status.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    case when cast(:named as boolean) then person.phone end as phone,
    request_status.verdict,
    request_status.speaks_for,
    request_status.speaks_against,
    request_status.bases
from request_status
left join person on person.person_id = request_status.person_id
where request_status.source = cast(:source as varchar(60))
    and request_status.reference = cast(:reference as varchar(80))
    and (not request_status.is_sure or request_status.verdict is not null)
order by request_status.person_id
