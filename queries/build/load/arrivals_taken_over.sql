-- Records that may be of somebody besides whose own record went: they have an address or a number of it since, or nobody
-- had decided whether the two are one. They are as if they came new.
create or replace temp table taken_over as
with gone as (
    select record_id
    from old.record
    where record_id not in (select record_id from build.record)
),
had as (
    select record_id, 'email' as kind, email_key as key from old.record where email_key is not null
    union all
    select record_id, 'phone', phone_key from old.record where phone_key is not null
    union all
    select record_id, kind, key from old.further_identifier
),
has as (
    select record_id, 'email' as kind, email_key as key from build.record where email_key is not null
    union all
    select record_id, 'phone', phone_key from build.record where phone_key is not null
    union all
    select record_id, kind, key from build.further_identifier
),
left_behind as (
    select distinct had.kind, had.key
    from had
    semi join gone on gone.record_id = had.record_id
),
double as (
    select person_a as person_id, person_b as other_id from old.possible_double
    union all
    select person_b, person_a from old.possible_double
)
select has.record_id
from has
semi join left_behind on left_behind.kind = has.kind and left_behind.key = has.key
anti join had on had.record_id = has.record_id and had.kind = has.kind and had.key = has.key
union
select basis_record.record_id
from double
inner join old.basis on basis.person_id = double.person_id
inner join old.basis_record on basis_record.basis_id = basis.basis_id
inner join old.basis as other on other.person_id = double.other_id
inner join old.basis_record as other_record on other_record.basis_id = other.basis_id
semi join gone on gone.record_id = other_record.record_id;

delete from build.arrival where record_id in (select record_id from taken_over);

insert into build.arrival
select record.record_id, record.dataset, $build
from build.record
semi join taken_over on taken_over.record_id = record.record_id;
