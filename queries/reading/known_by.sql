-- What given persons of the new build are known by, by keyed digest. Grain: person x digest. Holds persons, by keyed digest.
select distinct basis.person_id, keyed(known_by.text) as digest
from build.basis
inner join build.basis_record on basis_record.basis_id = basis.basis_id
inner join known_by on known_by.record_id = basis_record.record_id
where basis.person_id in (select unnest($persons::varchar[]))
