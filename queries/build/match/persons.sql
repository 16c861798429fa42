-- Persons with one record are copied as they are; only the others need to be put together (persons_of_several.sql).
-- They lie in the order of their ids: whoever asks for one reads a few of them, not all.
create temp table several as
select person_id from owned where rid in (select rid from met) or rid in (select rid from label)
union
select person_id from owned where category = 'VOUCHER';

insert into build.person
select person_id, name, email, phone, 1, 1
from owned
where erased_on is null
    and person_id not in (select person_id from several)
order by person_id;

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
