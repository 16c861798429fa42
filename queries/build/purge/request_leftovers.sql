-- How many entries the person of a request still has after a purge. Grain: one row per request whose person was found.
-- Holds persons.
with asked as (
    select unnest($sources::varchar[]) as source, unnest($references::varchar[]) as reference
),
before as (
    select asked.source, asked.reference, basis_record.record_id
    from asked
    inner join old.request_person
        on request_person.source = asked.source and request_person.reference = asked.reference
    inner join old.basis on basis.person_id = request_person.person_id
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
