-- How often each kept field is filled.
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
