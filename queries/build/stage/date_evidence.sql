-- What the values of each date column look like; grain: one row per date column that holds anything. Holds figures.
with shaped as (
    select
        *,
        case
            when regexp_full_match(text, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ].*)?') then 'iso'
            when regexp_full_match(text, '(19|20)[0-9]{6}') then 'compact'
            when regexp_full_match(text, '[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}([T ].*)?') then 'ymd'
            when regexp_full_match(text, '[0-9]{1,2}([./-])[0-9]{1,2}[./-][0-9]{4}( .*)?') then 'parts'
            when regexp_full_match(lower(text), '[0-9]{1,2}\.? [a-z]+\.? [0-9]{4}') then 'day_month_name'
            when regexp_full_match(lower(text), '[a-z]+\.? [0-9]{1,2},? [0-9]{4}') then 'month_name_day'
        end as shape,
        try_cast(regexp_extract(text, '^([0-9]{1,2})[./-]([0-9]{1,2})[./-]', 1) as integer) as one,
        try_cast(regexp_extract(text, '^([0-9]{1,2})[./-]([0-9]{1,2})[./-]', 2) as integer) as two
    from date_value
)
select
    field,
    cast(sum(times) filter (where shape = 'iso') as bigint) as iso,
    cast(sum(times) filter (where shape = 'compact') as bigint) as compact,
    cast(sum(times) filter (where shape = 'ymd') as bigint) as ymd,
    cast(sum(times) filter (where shape = 'parts') as bigint) as parts,
    cast(sum(times) filter (where shape = 'day_month_name') as bigint) as day_month_name,
    cast(sum(times) filter (where shape = 'month_name_day') as bigint) as month_name_day,
    cast(sum(times) filter (where shape = 'parts' and one > 12 and two <= 12) as bigint) as day_first,
    cast(sum(times) filter (where shape = 'parts' and two > 12 and one <= 12) as bigint) as month_first,
    count(*) filter (where shape = 'parts' and one <= 12 and two <= 12 and one <> two) as either,
    list(text order by text) filter (where shape = 'parts' and one <= 12 and two <= 12 and one <> two)[1:3] as examples
from shaped
group by field
order by field
