-- Which records are on which side of what has been decided; one that leads to both sides tells nothing. Grain: decision x
-- record. Holds persons.
insert into build.decided_record
with digested as materialized (
    select record_id, keyed('held|' || record_id) as digest
    from build.record
    union all
    select record_id, keyed(identity_text(null, kind, key, name_key))
    from identity
),
sided as (
    select
        decision_trace.decision_id,
        any_value(decision_trace.answer) as answer,
        digested.record_id,
        min(decision_trace.side) as side,
        max(decision_trace.side) as other_side
    from digested
    inner join decision_trace on decision_trace.digest = digested.digest
    group by decision_trace.decision_id, digested.record_id
)
select decision_id, answer, record_id, side
from sided
where side = other_side;
