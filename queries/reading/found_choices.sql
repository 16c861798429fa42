-- Where those are in the new build of whom somebody has said whether a request is from them, by the keyed digests of what
-- they were known by. The same (is_same) is who has the name and the address, number or key of then; under another name
-- only the record of the same key is told. Grain: choice x record x what it is known by now. Holds persons, by keyed digest.
with wanted as (
    select unnest($choices::bigint[]) as choice_id, unnest($digests::varchar[]) as digest
),
met as (
    select wanted.choice_id, choosing.record_id, choosing.person_id, bool_or(choosing.is_identity) as is_same
    from wanted
    inner join choosing on choosing.digest = wanted.digest
    group by wanted.choice_id, choosing.record_id, choosing.person_id
)
select met.choice_id, met.person_id, met.is_same, choosing.digest
from met
inner join choosing on choosing.record_id = met.record_id and (met.is_same or not choosing.is_identity)
