-- Turns a source's text into dates and instants. What most exports write is read where it stands (`plain_...`); every
-- other way is read once per different value, in date_shapes.sql and date_readings.sql.

-- What systems write where they have no date.
create macro is_sentinel(day) as
    list_contains(
        [
            date '0001-01-01', date '1601-01-01', date '1753-01-01', date '1899-12-30', date '1899-12-31',
            date '1900-01-01', date '1904-01-01', date '1970-01-01', date '2199-12-31', date '2999-01-01',
            date '2999-12-31', date '3000-01-01', date '9999-01-01', date '9999-12-30', date '9999-12-31'
        ],
        day
    );

-- Of the sentinels only one lies within the years that are believed at all.
create macro believed(day) as
    case when day between date '1950-01-01' and date '2100-12-31' and day <> date '1970-01-01' then day end;

-- A Stockholm wall-clock time: the first of two that look alike, null for one that the clock skips.
create macro from_stockholm(wall) as
    case
        when timezone('Europe/Stockholm', timezone('Europe/Stockholm', wall) - interval 1 hour) = wall
            then timezone('Europe/Stockholm', wall) - interval 1 hour
        when timezone('Europe/Stockholm', timezone('Europe/Stockholm', wall)) = wall
            then timezone('Europe/Stockholm', wall)
    end;

create macro is_wall_time(text) as
    regexp_full_match(text, '\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?');

create macro has_offset(text) as
    regexp_full_match(
        text, '\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?| UTC)'
    );

-- Texts that are compared before they are read, which is quicker: the years that are believed, without the epoch; of
-- times those only that no zone moves out of them.
create macro is_day(text) as
    text like '____-__-__' and text between '1950-01-01' and '2100-12-31' and text <> '1970-01-01';
create macro is_of_our_time(text) as
    left(text, 4) between '1951' and '2099' and left(text, 7) not in ('1969-12', '1970-01');

-- The Stockholm date of what most exports write, ISO 8601 and its near kin; null for all else, which is not yet a fault.
create macro plain_date(text) as
    case
        when length(text) = 10 then case when is_day(text) then try_cast(text as date) end
        when length(text) < 19 or not is_of_our_time(text) then null
        when is_wall_time(text) then cast(try_cast(text as timestamp) as date)
        when has_offset(text) then cast(timezone('Europe/Stockholm', try_cast(text as timestamptz)) as date)
    end;

-- Whether a text is such; to find that out is quicker than the date.
create macro is_plain(text) as
    case
        when length(text) = 10 then case when is_day(text) then try_cast(text as date) end is not null
        when length(text) < 19 or not is_of_our_time(text) then false
        when is_wall_time(text) then try_cast(text as timestamp) is not null
        when has_offset(text) then try_cast(text as timestamptz) is not null
        else false
    end;

create macro plain_instant(text) as
    case
        when not is_plain(text) then null
        when has_offset(text) then try_cast(text as timestamptz)
        else from_stockholm(try_cast(text as timestamp))
    end;

-- What a value is read by once for all that are alike: a time without a zone changes no date.
create macro date_key(text) as
    case
        when length(text) > 12 and regexp_full_match(text, '\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} ([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?')
            then split_part(text, ' ', 1)
        else text
    end;

-- A date by its parts, null where the calendar has no such day.
create macro parts_date(year_text, month_text, day_text) as
    try_cast(year_text || '-' || month_text || '-' || day_text as date);

-- A year of two digits, as the person was told who said that it is one.
create macro full_year(two_digits) as
    case when two_digits < '50' then '20' else '19' end || two_digits;

-- The formats that were decided for the columns of the export at hand.
create temp table date_format (field varchar, format varchar);

-- Names of months in the languages that exports come in; month 0 are words that say nothing: weekdays, "kl", "den".
create temp table date_word (word varchar, month integer);

-- The different values of the date columns of the export at hand; grain: field x text.
create temp table date_value (field varchar, text varchar, first_told varchar, last_told varchar, times bigint);
