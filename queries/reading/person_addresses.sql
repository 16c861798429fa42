-- The addresses of each person, further ones included. What records repeat is repeated here: a distinct of a million rows
-- would cost more than all that is asked of them, and who asks for the persons of a few addresses reads past the rest.
-- grain: person x address x record
-- holds persons
create view person_address as
select basis.person_id, record.email_key as address
from basis
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join record on record.record_id = basis_record.record_id
where record.email_key is not null
union all
select basis.person_id, further.key
from basis
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join further_identifier as further on further.record_id = basis_record.record_id
where further.kind = 'email'
