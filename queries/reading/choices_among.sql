-- What some persons' records of the new build are known by, by keyed digest; is_identity tells them from whoever was given
-- the key. Grain: record x what it is known by. Holds persons, by keyed digest.
create or replace temp table choosing as
select basis_record.record_id, basis.person_id, keyed(known_by.text) as digest, known_by.is_identity
from build.basis
inner join build.basis_record on basis_record.basis_id = basis.basis_id
inner join known_by on known_by.record_id = basis_record.record_id
where basis.person_id in (select unnest($persons::varchar[]))
