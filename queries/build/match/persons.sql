-- Persons with one record are copied as they are; only the others need to be put together.
create temp table several as
select person_id from owned where rid in (select rid from met) or rid in (select rid from label)
union
select person_id from owned where category = 'VOUCHER';

insert into build.person
select person_id, name, email, phone, 1, 1
from owned
where erased_on is null
    and person_id not in (select person_id from several);

insert into build.person
with put_together as (
    select
        owned.person_id,
        first(owned.name order by owned.name is null, owned.source_key) as name,
        first(owned.email order by owned.email is null, owned.source_key) as email,
        first(owned.phone order by owned.phone is null, owned.source_key) as phone,
        count(distinct owned.source) as sources
    from owned
    inner join several on several.person_id = owned.person_id
    where owned.erased_on is null
    group by owned.person_id
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
