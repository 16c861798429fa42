-- Which entries, records and persons go. Grain: one row per basis, record and person. Holds persons.
create or replace temp table doomed as
select distinct basis.basis_id, basis.person_id, basis.category, basis.starts_on, basis.ends_on
from old.basis
inner join doomed_frame on doomed_frame.basis_id = basis.basis_id;

create or replace temp table doomed_record as
select basis_record.record_id, basis_record.dataset, basis_record.source, basis_record.source_key, doomed.*
from old.basis_record
inner join doomed on doomed.basis_id = basis_record.basis_id;

-- A tombstone holds nothing of a person, so it does not keep one.
create or replace temp table staying as
select basis.person_id, basis.category
from old.basis
where basis.erased_on is null
    and basis.person_id in (select person_id from doomed)
    and basis.basis_id not in (select basis_id from doomed);

-- Persons of whom nobody can be told any more: a voucher that the law keeps holds no name and no address.
create or replace temp table doomed_person as
select distinct person_id
from doomed
where person_id not in (select person_id from staying where category <> 'VOUCHER');

-- Whom requests are or may be about, by what is decided of that; grain: reference x person.
create or replace temp table asked as
from asked_frame;

-- Requests that are about nobody any more: what they came with goes with whom they were about.
create or replace temp table answered_request as
select source, reference
from asked
group by source, reference
having bool_and(person_id in (select person_id from doomed_person));

-- Who else asks goes on being found.
create or replace temp table surviving_request_key as
select request_key.*
from old.request_key
anti join answered_request
    on answered_request.source = request_key.source and answered_request.reference = request_key.reference;
