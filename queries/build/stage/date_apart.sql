-- The same rows with the dates of one column, `the_field`, in which some had to be read apart: those with their date or
-- fault. The column itself keeps what the export said, and is null where that was another word for nothing.
select
    before.* replace (
        if(apart.is_missing, null, before.the_field) as the_field,
        coalesce(apart.day, plain_date(before.the_field)) as the_field_day,
        apart.fault as the_field_fault
    )
from before
left join date_reading as apart on apart.field = 'the_field' and apart.text = date_key(before.the_field)
