-- What the rows in $records say by now, a date that their source has moved as the source tells it. Grain: record_id.
-- Holds persons.
select
    record_id,
    name,
    email,
    phone,
    role,
    org_name,
    case when moved_build is null then registered_on else told.registered_on end as registered_on,
    met_on,
    inbound_on,
    case when moved_build is null then designated_on else told.designated_on end as designated_on,
    role_until,
    case when moved_build is null then left_org_on else told.left_org_on end as left_org_on,
    case when moved_build is null then starts_on else told.starts_on end as starts_on,
    case when moved_build is null then ends_on else told.ends_on end as ends_on,
    case when moved_build is null then replaced_on else told.replaced_on end as replaced_on
from build.record
where record_id in (select unnest($records::varchar[]))
order by record_id
