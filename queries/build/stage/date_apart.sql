-- The same rows with what was read apart in one date column, `the_field`: its date or fault; the column itself keeps what
-- the export said, and is null where that was another word for nothing. `before` is what was read until now.
select
    before.* replace (
        if(apart.is_missing, null, before.the_field) as the_field,
        coalesce(apart.day, before.the_field_day) as the_field_day,
        apart.fault as the_field_fault
    )
from before
left join date_reading as apart on apart.field = 'the_field' and apart.text = date_key(before.the_field)
