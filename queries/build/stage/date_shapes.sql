-- How each value of date_value that is not plainly written is put together; grain: field x text.
-- Nothing is decided here that depends on the column: a value that can be read in two ways keeps its parts.
create or replace temp table date_shape as
with lexicon as (
    select map_from_entries(list((word, month))) as months from date_word
),
-- Digits and signs of other alphabets, spaces of every kind, signs that nobody sees, and what .NET puts around a number.
cleaned as (
    select
        field,
        text,
        times,
        -- A day with a zone and no time is that day, as XML has it; a day that was a number on its way has a fraction.
        regexp_replace(replace(trim(regexp_replace(
            regexp_replace(
                translate(
                    lower(text),
                    '０１２３４５６７８９／．：－−–—‐‑’＋' || chr(160) || chr(8199) || chr(8239) || chr(8201) || chr(12288),
                    '0123456789/.:------''+     '
                ),
                '[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}"'']|^\\?/date\(|(?:[+-]\d{4})?\)\\?/$', '', 'g'
            ),
            '\s+', ' ', 'g'
        )), ' @ ', ' '), '^(\d{4}-\d\d-\d\d)(?:z|[+-]\d\d:\d\d)$|^((?:19|20)\d{6})[.,]0+$', '\1\2') as line
    from date_value
    where text is not null
),
-- Words come off or become numbers, once per value: #02 is a month that was named.
worded as (
    select
        field,
        text,
        times,
        line,
        case
            when regexp_full_match(line, '[0-9 :.,/+tz-]*') then line
            else regexp_replace(
                trim(regexp_replace(
                    array_to_string(
                        list_transform(
                            regexp_extract_all(
                                -- 3:e, 3rd; a zone in brackets, or by its name, counts where it stands alone.
                                regexp_replace(
                                    regexp_replace(
                                        regexp_replace(line, '([0-9])(?::[ea]|st|nd|rd|th)([^a-z]|$)', '\1\2'),
                                        '((?:[+-]\d\d:?\d\d|z|utc|gmt)) ?[\[(][^\])]*[\])]$'
                                        || '|(:\d\d(?:[.,]\d+)? ?[+-]\d\d:?\d\d) [a-z]{3,5}$', '\1\2'
                                    ),
                                    '([0-9]) ?[\[(]([a-z]{1,5}|[a-z_]+(?:/[a-z_]+)+)[\])]$', '\1 \2'
                                ),
                                '[\p{L}]+|[^\p{L}]+'
                            ),
                            word -> case
                                when lexicon.months[word] = 0 then ' '
                                when lexicon.months[word] is not null
                                    then ' #' || lpad(cast(lexicon.months[word] as varchar), 2, '0') || ' '
                                else word
                            end
                        ),
                        ''
                    ),
                    '[\s,]*\s(?:[\s,.]*\s)?', ' ', 'g'
                ), ' ,.'),
                -- What Unix and Java print has the year last.
                '^(#\d\d) (\d{1,2}) (\d{1,2}:\d\d:\d\d(?: [a-z]{1,5}| [+-]\d{4})?) (\d{4})$', '\2 \1 \4 \3'
            )
        end as told
    from cleaned
    cross join lexicon
),
split as (
    select
        *,
        regexp_extract(
            told,
            '^(#?\d{1,4})(?: ?[-/.,]{1,2} ?| )(#?\d{1,4})(?: ?[-/.,]{1,2} ?| )(#?\d{1,4})\.?'
            || '(?:(?: ?[t,] ?| )(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?'
            || ' ?([apfe]\.? ?m\b\.?)?'
            || ' ?((?:utc|gmt|ut)? ?[+-]\d{1,2}(?::?\d{2}){0,2}|[a-z]{1,5}|[a-z_]+(?:/[a-z_+0-9-]+)+)?)?$',
            ['one', 'two', 'three', 'hour', 'minute', 'second', 'half', 'zone']
        ) as part,
        regexp_extract(
            told,
            '^((?:19|20)\d{2})(\d{2})(\d{2})(?:[t ]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?'
            || ' ?(z|(?:utc|gmt)? ?[+-]\d{2}(?::?\d{2})?|[a-z]{2,5})?)?$',
            ['year', 'month', 'day', 'hour', 'minute', 'second', 'zone']
        ) as close
    from worded
),
shaped as (
    select
        *,
        case
            -- Of an end, words for that there is none: what is open is not without a date by mistake.
            when field in ('ends_on', 'role_until')
                and regexp_full_match(line, 'till?s?\.? ?vidare|till?sv\.?|tsv\.?|t\.? ?v\.?|(?:fort)?löpande|pågående|pågår'
                || '|nuvarande|fast|fast ?anställ(?:d|ning)|fast ?ansa(?:tt?|ttelse)|fast ?stilling|obegränsa[dt]'
                || '|inget slut(?:datum)?|aldrig|ongoing|present|current|permanent|until further notice|indefinite(?:ly)?'
                || '|no end(?: date)?|open[- ]?ended|never(?: expires)?|unbefristet|unbegrenzt|bis auf weiteres|bis heute'
                || '|ohne ende|laufend|pdd\.?|(?:til|inntil|indtil) videre|løpende|løbende|tidsubegr[æe]nset'
                || '|toistaiseksi(?: voimassa(?: ?oleva)?)?|voimassa(?: toistaiseksi)?|vakituinen|vakinainen|jatkuva')
                then 'missing'
            when regexp_full_match(line, '[-.?0_ /]+|<na>|\{\}|\[\]|#nv|#i/t|\\n|\(?(null|none|nil|nan|nat|na|n/?a\.?|undefined'
                || '|unknown|blank|empty'
                || '|saknas|tomt?|ok[äa]nt?|inget|ingen|ej angiven|ej angivet|nej|no|false|falskt'
                || '|vet (?:ej|inte)|unbekannt|ukendt|ukjent|ikke (?:oppgitt|oplyst|angitt|angivet)|ei (?:tiedossa|ole)|keine?'
                || '|k\. ?a\.|t\.?b\.?[dca]\.?|(?:åååå|yyyy|jjjj|vvvv)[-/.](?:mm|kk)[-/.](?:dd|tt|pp)'
                || '|(?:dd|tt|pp)[-/.](?:mm|kk)[-/.](?:åååå|yyyy|jjjj|vvvv))\)?|#n/a|n\.a\.|#saknas!?'
                || '|0{2,4}[-/. ]0{1,2}[-/. ]0{1,4}([t ][0:.]+z?)?|1900-01-00.*|0?[01][/.]00?[/.]1900.*')
                then 'missing'
            when close.year <> '' then 'compact'
            when part.one like '#%' and length(part.three) = 4 then 'month_name_day'
            when part.two like '#%' and (length(part.one) = 4 or length(part.three) = 4) then 'day_month_name'
            when part.one like '#%' and length(part.three) = 2 then 'month_name_day2'
            when part.two like '#%' and length(part.three) = 2 then 'day_month_name2'
            when part.one like '#%' or part.two like '#%' or part.three like '#%' then null
            when length(part.one) = 4 and length(part.two) <= 2 and length(part.three) <= 2
                then case when contains(left(told, 5), '-') then 'iso' else 'ymd' end
            when length(part.three) = 4 and length(part.one) <= 2 and length(part.two) <= 2 then 'parts'
            when length(part.one) <= 2 and length(part.two) <= 2 and length(part.three) = 2 and part.one <> '' then 'parts2'
            when length(part.one) = 2 and length(part.two) <= 2 and part.three <> '' and length(part.three) <= 2 then 'parts2'
            when regexp_full_match(line, '\d{6}') then 'compact2'
            when regexp_full_match(line, '\d{5}([.,]\d+)?')
                and try_cast(replace(line, ',', '.') as double) between 18264 and 73415 then 'serial'
            when regexp_full_match(line, '\d{12,13}([.,]0+)?') then 'epoch_ms'
            when regexp_full_match(line, '\d{9,10}([.,]0+)?') then 'epoch_s'
        end as shape
    from split
),
-- The date's three parts by their place, and the rest by what it is.
placed as (
    select
        field,
        text,
        times,
        line,
        shape,
        case
            when shape = 'compact' then close.year
            when shape = 'compact2' then left(line, 2)
            else ltrim(part.one, '#')
        end as one,
        case
            when shape = 'compact' then close.month
            when shape = 'compact2' then substr(line, 3, 2)
            else ltrim(part.two, '#')
        end as two,
        case
            when shape = 'compact' then close.day
            when shape = 'compact2' then right(line, 2)
            else ltrim(part.three, '#')
        end as three,
        case when shape = 'compact' then close.hour else part.hour end as hour,
        nullif(case when shape = 'compact' then close.minute else part.minute end, '') as minute,
        coalesce(nullif(case when shape = 'compact' then close.second else part.second end, ''), '00') as second,
        left(part.half, 1) as half,
        replace(case when shape = 'compact' then close.zone else part.zone end, ' ', '') as zone
    from shaped
)
select
    field,
    text,
    times,
    line,
    shape,
    one,
    two,
    three,
    -- A time that no clock shows is no time, and then the value is none either.
    minute is not null as has_time,
    case
        when minute is null then time '00:00:00'
        when half = '' then try_cast(hour || ':' || minute || ':' || second as time)
        when try_cast(hour as integer) between 1 and 12 then try_cast(
            cast(
                try_cast(hour as integer) % 12 + case when half in ('p', 'e') then 12 else 0 end as varchar
            ) || ':' || minute || ':' || second as time
        )
    end as clock,
    nullif(zone, '') as zone,
    case
        when zone = '' then null
        when regexp_full_match(zone, '(utc|gmt|ut)?[+-]\d{1,2}(:?\d{2}){0,2}')
            then case when contains(zone, '-') then -1 else 1 end * (
                60 * try_cast(regexp_extract(zone, '[+-](\d\d?)', 1) as integer)
                + coalesce(try_cast(regexp_extract(zone, '[+-]\d\d?:?(\d\d)', 1) as integer), 0)
            )
        else map {
            'z': 0, 'utc': 0, 'gmt': 0, 'ut': 0, 'wet': 0, 'cet': 60, 'met': 60, 'mez': 60, 'west': 60, 'cest': 120,
            'mest': 120, 'mesz': 120, 'eet': 120, 'eest': 180, 'est': -300, 'edt': -240, 'cst': -360, 'cdt': -300,
            'mst': -420, 'mdt': -360, 'pst': -480, 'pdt': -420
        }[zone]
    end as offset_minutes,
    case when contains(zone, '/') then region.name end as region,
    shape = 'parts' and one <> two and try_cast(one as integer) <= 12 and try_cast(two as integer) <= 12 as is_either
from placed
left join (select name, lower(name) as folded from pg_timezone_names()) as region on region.folded = placed.zone
