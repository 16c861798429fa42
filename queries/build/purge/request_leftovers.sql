-- How many entries the persons of a request still have after a purge. Grain: one row per request whose persons were found.
-- Holds persons.
with wanted as (
    select unnest($sources::varchar[]) as source, unnest($references::varchar[]) as reference
),
before as (
    select wanted.source, wanted.reference, basis_record.record_id
    from wanted
    inner join asked on asked.source = wanted.source and asked.reference = wanted.reference
    inner join old.basis on basis.person_id = asked.person_id
    inner join old.basis_record on basis_record.basis_id = basis.basis_id
),
after as (
    select before.source, before.reference, count(distinct basis.basis_id) as bases
    from before
    inner join build.basis_record on basis_record.record_id = before.record_id
    inner join build.basis on basis.basis_id = basis_record.basis_id and basis.erased_on is null
    group by before.source, before.reference
)
select before.source, before.reference, coalesce(any_value(after.bases), 0) as bases
from before
left join after on after.source = before.source and after.reference = before.reference
group by before.source, before.reference
