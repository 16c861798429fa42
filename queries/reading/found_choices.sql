-- Where those are in the new build of whom somebody has said whether a request is from them, by the keyed digests of what
-- they were known by: sought among $persons, or among all where that is null. The same (is_same) is who has the name and
-- the address, number or key of then; under another name only the record of the same key is told.
-- Grain: choice x record x what it is known by now. Holds persons, by keyed digest.
with wanted as (
    select unnest($choices::bigint[]) as choice_id, unnest($digests::varchar[]) as digest
),
sought as (
    select record.record_id, record.name_key, basis.person_id
    from build.basis
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    inner join build.record on record.record_id = basis_record.record_id
    where $persons::varchar[] is null or basis.person_id in (select unnest($persons::varchar[]))
),
known_by as (
    select record_id, person_id, 'held|' || record_id as text, false as is_identity
    from sought
    union all
    select record_id, person_id, 'held|name|' || record_id || '|' || coalesce(name_key, ''), true
    from sought
    union all
    select sought.record_id, sought.person_id, identity_text(null, identity.kind, identity.key, identity.name_key), true
    from sought
    inner join identity on identity.record_id = sought.record_id
),
digested as (
    select record_id, person_id, keyed(text) as digest, is_identity
    from known_by
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
