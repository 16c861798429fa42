-- Persons with one record are copied as they are; only the others need to be put together.
create temp table several as
select distinct owner.person_id
from owner
inner join build.record on record.rowid = owner.rid
where owner.rid in (select rid from label) or record.category = 'VOUCHER';

insert into build.person
select owner.person_id, record.name, record.email, record.phone, 1, 1
from build.record
inner join owner on owner.rid = record.rowid
where record.erased_on is null
    and owner.person_id not in (select person_id from several);

insert into build.person
with put_together as (
    select
        owner.person_id,
        first(record.name order by record.name is null, record.source_key) as name,
        first(record.email order by record.email is null, record.source_key) as email,
        first(record.phone order by record.phone is null, record.source_key) as phone,
        count(distinct record.source) as sources
    from build.record
    inner join owner on owner.rid = record.rowid
    inner join several on several.person_id = owner.person_id
    where record.erased_on is null
    group by owner.person_id
),
counted as (
    select basis.person_id, count(*) as bases
    from build.basis
    inner join several on several.person_id = basis.person_id
    group by basis.person_id
)
select put_together.*, counted.bases
from put_together
inner join counted on counted.person_id = put_together.person_id;

insert into build.request_person
select distinct request_key.source, request_key.reference, owner.person_id
from build.request_key
inner join build.record
    on record.email_key = request_key.email_key
    or (request_key.email_key is null and record.phone_key = request_key.phone_key)
inner join owner on owner.rid = record.rowid;

insert into build.field_count
with counted as (
    select
        category,
        source,
        count(*) as rows,
        count(name) as name,
        count(role) as role,
        count(email) as email,
        count(phone) as phone
    from build.record
    where erased_on is null and category <> 'VOUCHER'
    group by category, source
)
select category, source, field, filled, rows
from (unpivot counted on name, role, email, phone into name field value filled);
