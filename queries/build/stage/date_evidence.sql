-- What the values of each date column look like; grain: one row per date column that holds anything. Holds figures.
with plain as (
    select
        field,
        cast(sum(times) filter (where text is null) as bigint) as plain
    from date_value
    group by field
),
shaped as (
    select
        *,
        shape = 'parts' and try_cast(one as integer) > 12 and try_cast(two as integer) <= 12 as is_day_first,
        shape = 'parts' and try_cast(one as integer) <= 12 and try_cast(two as integer) > 12 as is_month_first,
        shape in ('parts2', 'compact2', 'day_month_name2', 'month_name_day2') as is_short,
        shape in ('parts2', 'compact2', 'day_month_name2')
        and parts_date(full_year(three), two, one) is not null as fits_dmy2,
        case shape
            when 'month_name_day2' then parts_date(full_year(three), one, two) is not null
            else shape in ('parts2', 'compact2') and parts_date(full_year(three), one, two) is not null
        end as fits_mdy2,
        shape in ('parts2', 'compact2', 'day_month_name2')
        and parts_date(full_year(one), two, three) is not null as fits_ymd2
    from date_shape
),
asked as (
    select *, is_either or is_short or coalesce(shape in ('serial', 'epoch_ms', 'epoch_s'), false) as is_in_question
    from shaped
),
numbered as (
    select *, row_number() over (partition by field, shape, is_in_question order by text) as nth
    from asked
),
counted as (
    select
        field,
        sum(times) filter (where shape not in ('missing')) as shaped,
        sum(times) filter (where shape = 'iso') as iso,
        sum(times) filter (where shape = 'compact') as compact,
        sum(times) filter (where shape = 'ymd') as ymd,
        sum(times) filter (where shape = 'parts') as parts,
        sum(times) filter (where shape = 'day_month_name') as day_month_name,
        sum(times) filter (where shape = 'month_name_day') as month_name_day,
        sum(times) filter (where is_day_first) as day_first,
        sum(times) filter (where is_month_first) as month_first,
        sum(times) filter (where is_either) as either,
        sum(times) filter (where is_short) as short,
        sum(times) filter (where fits_dmy2) as dmy2,
        sum(times) filter (where fits_mdy2) as mdy2,
        sum(times) filter (where fits_ymd2) as ymd2,
        sum(times) filter (where shape = 'serial') as serial,
        sum(times) filter (where shape = 'epoch_ms') as epoch_ms,
        sum(times) filter (where shape = 'epoch_s') as epoch_s,
        list(text order by nth, text) filter (where is_in_question)[1:3] as examples
    from numbered
    group by field
)
select
    plain.field,
    coalesce(plain.plain, 0) as plain,
    columns(counted.* exclude (field, examples))::bigint,
    counted.examples
from plain
left join counted on counted.field = plain.field
order by plain.field
