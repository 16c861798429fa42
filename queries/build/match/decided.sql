-- Which records are on which side of what has been decided; one that leads to both sides tells nothing. The same person's
-- is one with an identifier and the name of then; what a key alone tells is still to be seen. Grain: decision x record.
-- Holds persons.
create or replace temp table sidelong as
with digested as materialized (
    select record_id, keyed('held|' || record_id) as digest, false as is_identity
    from build.record
    union all
    select record_id, keyed(identity_text(null, kind, key, name_key)), true
    from identity
)
select
    decision_trace.decision_id,
    any_value(decision_trace.answer) as answer,
    digested.record_id,
    min(decision_trace.side) as side,
    max(decision_trace.side) as other_side,
    bool_or(digested.is_identity) as is_same
from digested
inner join decision_trace on decision_trace.digest = digested.digest
group by decision_trace.decision_id, digested.record_id;

create or replace temp table sided as
select decision_id, answer, record_id, side, is_same
from sidelong
where side = other_side;

-- The key together with the name of then.
update sided
set is_same = true
from build.record, decision_trace
where not sided.is_same
    and record.record_id = sided.record_id
    and decision_trace.decision_id = sided.decision_id
    and decision_trace.side = sided.side
    and decision_trace.digest in (
        keyed('held|name|' || record.record_id || '|' || coalesce(record.name_key, '')),
        keyed('held|name|' || record.record_id || '|' || coalesce(one_spelling(record.name_key), ''))
    );

-- The records to be compared with what the build before said of them: those that were on that side there, or that stand in
-- it as they did when it was decided.
create or replace temp table looked_at as
select decision_id, record_id, side
from sided
where not is_same
