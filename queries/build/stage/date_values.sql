-- The different values of one date column, `the_field`, of the export at hand that are not plainly written, and one row
-- for those that are (text null), with how often each stands there. Of a date's column, values that differ in a time are
-- one; of an instant's they are not.
insert into date_value
with written as (
    select the_field as told, count(*) as times
    from raw
    where the_field is not null
    group by the_field
)
select
    'the_field',
    case
        when not is_plain(told) then if('the_field' in ('set_at', 'received_at'), told, date_key(told))
    end as text,
    min(told),
    max(told),
    sum(times)
from written
group by text
