-- Up to three values of each date column with what they are read as, of different shapes first; grain: field x value.
with told as (
    select field, text, day, coalesce(shape, 'none') as shape, times
    from date_reading
    where not is_missing
    union all
    select field, first_told, plain_date(first_told), 'plain', times from date_value where text is null
    union all
    select field, last_told, plain_date(last_told), 'plain', times - 1 from date_value where text is null and first_told <> last_told
),
ranked as (
    select
        *,
        row_number() over (partition by field, shape order by day is null, times desc, text) as place,
        sum(times) over (partition by field, shape) as alike
    from told
)
select field, text, day
from ranked
qualify row_number() over (partition by field order by place, shape = 'none', alike desc, text) <= 3
order by field, row_number() over (partition by field order by place, shape = 'none', alike desc, text)
