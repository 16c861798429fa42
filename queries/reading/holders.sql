-- Who has given addresses and numbers in the new build, with the names that stand with them: as given_persons tells it of
-- one in the copy. Grain: key x person x name. Holds persons.
with wanted as (
    select unnest($keys::varchar[]) as key
),
known_as as (
    select record.email_key as key, record.record_id, record.name_key
    from build.record
    where record.email_key in (select key from wanted)
    union
    select record.phone_key, record.record_id, record.name_key
    from build.record
    where record.phone_key in (select key from wanted)
    union
    select further.key, record.record_id, record.name_key
    from build.further_identifier as further
    inner join build.record on record.record_id = further.record_id
    where further.key in (select key from wanted)
)
select distinct known_as.key, basis.person_id, known_as.name_key
from known_as
inner join build.basis_record on basis_record.record_id = known_as.record_id
inner join build.basis on basis.basis_id = basis_record.basis_id
order by known_as.key, basis.person_id, known_as.name_key
