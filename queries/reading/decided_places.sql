-- Where given sides of decisions had entries in the build before: by what was decided of its records or, where that was
-- decided in that build, by the keyed digest of the person. Grain: decision x side x source x category. Holds persons, by
-- keyed digest.
with wanted as (
    select
        unnest($decisions::bigint[]) as decision_id,
        unnest($sides::varchar[]) as side,
        unnest($persons::varchar[]) as person_key
),
had as (
    select wanted.decision_id, wanted.side, basis.source, basis.category
    from wanted
    inner join old.decided_record as was on was.decision_id = wanted.decision_id and was.side = wanted.side
    inner join old.basis_record on basis_record.record_id = was.record_id
    inner join old.basis on basis.basis_id = basis_record.basis_id and basis.erased_on is null
    union
    select wanted.decision_id, wanted.side, basis.source, basis.category
    from wanted
    inner join old.basis on keyed('person|' || basis.person_id) = wanted.person_key and basis.erased_on is null
    where wanted.person_key <> ''
)
select decision_id, side, source, category
from had
order by decision_id, side, source, category
