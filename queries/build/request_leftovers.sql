-- How many entries the person of a request still has after a purge. Grain: one row per request. Holds persons.
select
    asked.source,
    asked.reference,
    count(distinct basis.basis_id) as bases
from asked
inner join old.request_person on request_person.source = asked.source and request_person.reference = asked.reference
left join old.basis_record as before
    on before.basis_id in (select basis_id from old.basis where basis.person_id = request_person.person_id)
left join build.basis_record as after on after.record_id = before.record_id
left join build.basis on basis.basis_id = after.basis_id and basis.erased_on is null
group by asked.source, asked.reference
