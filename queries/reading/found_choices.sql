-- Where those are in the new build of whom somebody has said whether a request is from them, by the keyed digests of what
-- they were known by: sought among $persons, or among all where that is null. The same (is_same) is who has the name and
-- the address, number or key of then; under another name only the record of the same key is told.
-- Grain: choice x record x what it is known by now. Holds persons, by keyed digest.
with wanted as (
    select unnest($choices::bigint[]) as choice_id, unnest($digests::varchar[]) as digest
),
sought as (
    select basis_record.record_id, basis.person_id
    from build.basis
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    where $persons::varchar[] is null or basis.person_id in (select unnest($persons::varchar[]))
),
digested as (
    select sought.record_id, sought.person_id, keyed(known_by.text) as digest, known_by.is_identity
    from sought
    inner join known_by on known_by.record_id = sought.record_id
),
met as (
    select wanted.choice_id, digested.record_id, digested.person_id, bool_or(digested.is_identity) as is_same
    from wanted
    inner join digested on digested.digest = wanted.digest
    group by wanted.choice_id, digested.record_id, digested.person_id
)
select met.choice_id, met.person_id, met.is_same, digested.digest
from met
inner join digested on digested.record_id = met.record_id and (met.is_same or not digested.is_identity)
