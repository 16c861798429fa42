-- Persons whom an open request is about or may be about: their rows wait for its answer.
insert into open_request_person
select distinct request_candidate.person_id
from request_candidate
inner join open_request
    on open_request.source = request_candidate.source
    and open_request.reference = request_candidate.reference
where request_candidate.verdict is distinct from 'rejected'
