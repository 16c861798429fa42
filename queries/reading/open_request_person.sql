-- Persons with an open request: their rows wait for its answer.
insert into open_request_person
select distinct request_person.person_id
from request_person
inner join open_request
    on open_request.source = request_person.source
    and open_request.reference = request_person.reference
