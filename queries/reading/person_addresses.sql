-- The addresses of each person, further ones included.
-- grain: person x address
-- holds persons
create view person_address as
select distinct basis.person_id, record.email_key as address
from basis
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join record on record.record_id = basis_record.record_id
where record.email_key is not null
union
select distinct basis.person_id, further.key
from basis
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join further_identifier as further on further.record_id = basis_record.record_id
where further.kind = 'email'
