-- As date_apart.sql, for a column of instants: of those, texts that differ in their time are two.
select
    before.* replace (
        if(apart.is_missing, null, before.the_field) as the_field,
        coalesce(apart.at, plain_instant(before.the_field)) as the_field_instant,
        apart.fault as the_field_fault
    )
from before
left join date_reading as apart on apart.field = 'the_field' and apart.text = before.the_field
