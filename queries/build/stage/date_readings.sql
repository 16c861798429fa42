-- What each value of date_shape means by its column's format: the Stockholm date and the instant, or why there is none.
-- Grain: field x text. A value that says that there is no date is neither a date nor a fault.
create or replace temp table date_reading as
with formatted as (
    select
        date_shape.*,
        coalesce(date_format.format, '') as format
    from date_shape
    left join date_format on date_format.field = date_shape.field
),
dated as (
    select
        *,
        case
            when shape in ('iso', 'ymd', 'compact') then parts_date(one, two, three)
            when shape = 'month_name_day' then parts_date(three, one, two)
            when shape = 'day_month_name' and length(one) = 4 then parts_date(one, two, three)
            when shape = 'day_month_name' then parts_date(three, two, one)
            -- Where a column has an order, what contradicts it is a slip, and told. Without one, or with both, what can be
            -- read in one way only is read so.
            when shape = 'parts' and contains(format, 'dmy') and not contains(format, 'mdy')
                then parts_date(three, two, one)
            when shape = 'parts' and contains(format, 'mdy') and not contains(format, 'dmy')
                then parts_date(three, one, two)
            when shape = 'parts' and not is_either
                then coalesce(parts_date(three, two, one), parts_date(three, one, two))
            when shape = 'month_name_day2' and contains(format, 'mdy2') then parts_date(full_year(three), one, two)
            when shape in ('parts2', 'compact2', 'day_month_name2') and contains(format, 'dmy2')
                then parts_date(full_year(three), two, one)
            when shape in ('parts2', 'compact2') and contains(format, 'mdy2') then parts_date(full_year(three), one, two)
            when shape in ('parts2', 'compact2', 'day_month_name2') and contains(format, 'ymd2')
                then parts_date(full_year(one), two, three)
        end as day_told
    from formatted
),
walled as (
    select
        *,
        case
            when shape = 'serial' and contains(format, 'excel_') then
                -- Excel counts in days; a second is 1/86400 of one, and its fractions are rounding.
                case when contains(format, 'excel_1904') then timestamp '1904-01-01' else timestamp '1899-12-30' end
                + to_seconds(cast(round(try_cast(replace(line, ',', '.') as double) * 86400) as bigint))
            else day_told + clock
        end as wall,
        case
            when shape = 'epoch_ms' and contains(format, 'epoch_ms')
                then make_timestamptz(try_cast(regexp_extract(line, '^\d+') as bigint) * 1000)
            when shape = 'epoch_s' and contains(format, 'epoch_s')
                then make_timestamptz(try_cast(regexp_extract(line, '^\d+') as bigint) * 1000000)
        end as counted
    from dated
),
placed as (
    select
        *,
        case
            when counted is not null then counted
            when zone is null then null
            when region is not null then timezone(region, wall)
            -- No place on earth is further from Greenwich.
            when offset_minutes between -840 and 840
                then timezone('UTC', wall - to_minutes(offset_minutes))
        end as zoned
    from walled
),
read as (
    select
        *,
        case
            when zoned is not null then cast(timezone('Europe/Stockholm', zoned) as date)
            when zone is null then cast(wall as date)
        end as day
    from placed
)
select
    field,
    text,
    times,
    shape,
    believed(day) as day,
    case when believed(day) is not null then coalesce(zoned, from_stockholm(wall)) end as at,
    coalesce(shape = 'missing', false) as is_missing,
    case
        when shape = 'missing' or believed(day) is not null then null
        when is_sentinel(day) or is_sentinel(day_told) then 'sentinel_date'
        else 'unreadable_date'
    end as fault
from read
