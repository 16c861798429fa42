-- Where organisations are now that a hold is on: whoever took them over, and, of those of which nothing is left, where their
-- people are, by their records or by who they are, and who bears their name, however it is written. Grain: id before x id now. Holds persons.
with wanted as (
    select unnest($keys::varchar[]) as org_id
),
heir as (
    select wanted.org_id, organisation.successor_id as new_key
    from wanted
    inner join build.organisation on organisation.org_id = wanted.org_id
),
empty as (
    select wanted.org_id
    from wanted
    where wanted.org_id not in (select org_id from build.basis where org_id is not null)
),
people as (
    select empty.org_id, record.*
    from empty
    inner join old.record on record.org_id = empty.org_id
),
by_record as (
    select people.org_id, record.org_id as new_key
    from people
    inner join build.record on record.record_id = people.record_id
),
by_address as (
    select people.org_id, record.org_id as new_key
    from people
    inner join build.record on record.email_key = people.email_key
        and (one_spelling(record.name_key) = one_spelling(people.name_key) or people.name_key is null)
    where people.record_id not in (select record_id from build.record)
),
by_number as (
    select people.org_id, record.org_id as new_key
    from people
    inner join build.record on record.phone_key = people.phone_key
        and one_spelling(record.name_key) = one_spelling(people.name_key)
    where people.record_id not in (select record_id from build.record)
),
by_name as (
    select empty.org_id, organisation.org_id as new_key
    from empty
    inner join old.organisation as was on was.org_id = empty.org_id
    inner join build.organisation
        on organisation_key(organisation.org_name) = organisation_key(was.org_name)
        and organisation.source = was.source
)
select distinct 'organisation' as scope, org_id, new_key
from (
    from heir union all from by_record union all from by_address union all from by_number union all from by_name
)
where new_key <> org_id
order by org_id, new_key
