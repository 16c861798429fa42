-- Turns a source's text into dates and instants, by the format that was decided for the whole column.
-- A value that is no date, a sentinel or outside 1950-2100 becomes null; date_fault says why.

create macro parts_date(year_text, month_text, day_text) as
    try_cast(year_text || '-' || month_text || '-' || day_text as date);

-- Swedish and English month names by their first three letters.
create macro month_no(name) as
    coalesce(
        list_position(['jan', 'feb', 'mar', 'apr', 'maj', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'], left(name, 3)),
        list_position(['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'], left(name, 3))
    );

create macro has_offset(text) as
    length(text) > 16 and regexp_matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$');

-- A date of numbers between slashes, dots or dashes, the year last. Most of a column are written alike, in one of the
-- formats, and those are read several times faster than by their parts.
create macro year_last(text, formats, month_at, day_at) as
    case
        when try_strptime(text, formats) is not null then cast(try_strptime(text, formats) as date)
        else
            parts_date(
                split_part(split_part(translate(text, '/.', '--'), ' ', 1), '-', 3),
                split_part(translate(text, '/.', '--'), '-', month_at),
                split_part(translate(text, '/.', '--'), '-', day_at)
            )
    end;

create macro any_date(text, format) as
    case format
        when 'iso' then
            case
                when length(text) <= 10 then try_cast(text as date)
                when has_offset(text) then cast(timezone('Europe/Stockholm', try_cast(text as timestamptz)) as date)
                when substr(text, 11, 1) in (' ', 'T') then try_cast(left(text, 10) as date)
            end
        when 'compact' then
            case when length(text) = 8 then parts_date(left(text, 4), substr(text, 5, 2), substr(text, 7, 2)) end
        when 'ymd' then
            try_cast(translate(split_part(text, ' ', 1), '/.', '--') as date)
        when 'dmy' then year_last(text, ['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y'], 2, 1)
        when 'mdy' then year_last(text, ['%m/%d/%Y', '%m-%d-%Y', '%m.%d.%Y'], 1, 2)
        when 'day_month_name' then
            parts_date(
                regexp_extract(lower(text), '^([0-9]{1,2})\.? ([a-z]+)\.? ([0-9]{4})$', 3),
                cast(month_no(regexp_extract(lower(text), '^([0-9]{1,2})\.? ([a-z]+)\.? ([0-9]{4})$', 2)) as varchar),
                regexp_extract(lower(text), '^([0-9]{1,2})\.? ([a-z]+)\.? ([0-9]{4})$', 1)
            )
        when 'month_name_day' then
            parts_date(
                regexp_extract(lower(text), '^([a-z]+)\.? ([0-9]{1,2}),? ([0-9]{4})$', 3),
                cast(month_no(regexp_extract(lower(text), '^([a-z]+)\.? ([0-9]{1,2}),? ([0-9]{4})$', 1)) as varchar),
                regexp_extract(lower(text), '^([a-z]+)\.? ([0-9]{1,2}),? ([0-9]{4})$', 2)
            )
    end;

-- What systems write where they have no date.
create macro is_sentinel(day) as
    list_contains(
        [
            date '0001-01-01', date '1753-01-01', date '1899-12-30', date '1899-12-31', date '1900-01-01',
            date '1970-01-01', date '2999-12-31', date '9999-12-31'
        ],
        day
    );

-- Of the sentinels only one lies within the years that are believed at all.
create macro believed(day) as
    case when day between date '1950-01-01' and date '2100-12-31' and day <> date '1970-01-01' then day end;

create macro read_date(text, format) as
    believed(any_date(text, format));

create macro date_fault(text, format) as
    case
        when text is null or read_date(text, format) is not null then null
        when is_sentinel(any_date(text, format)) then 'sentinel_date'
        else 'unreadable_date'
    end;

-- A Stockholm wall-clock time: the first of two that look alike, null for one that the clock skips.
create macro from_stockholm(wall) as
    case
        when timezone('Europe/Stockholm', timezone('Europe/Stockholm', wall) - interval 1 hour) = wall
            then timezone('Europe/Stockholm', wall) - interval 1 hour
        when timezone('Europe/Stockholm', timezone('Europe/Stockholm', wall)) = wall
            then timezone('Europe/Stockholm', wall)
    end;

create macro read_instant(text, format) as
    case
        when read_date(text, format) is null then null
        when format = 'iso' and has_offset(text) then try_cast(text as timestamptz)
        when format = 'iso' then from_stockholm(try_cast(text as timestamp))
        else from_stockholm(
            read_date(text, format) + coalesce(try_cast(nullif(split_part(text, ' ', 2), '') as time), time '00:00:00')
        )
    end;
