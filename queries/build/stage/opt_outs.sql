-- The day of an opt-out. One whose day cannot be read (many systems say yes or no) is one all the same, and must not be
-- lost: it gets the first day there is.
create macro opted_out_day(text, day, fault) as
    case
        when text is null
            or lower(text) in (
                'no', 'n', 'nej', 'nein', 'nei', 'ei', 'false', 'falskt', 'falsch', 'off', 'subscribed', 'opted in', 'allow',
                'allowed', 'tillåt', 'tillåten', 'zulassen', 'tillad', 'tillat', 'sallittu'
            )
            -- Only zeros, with or without signs between them: a number or a date that says no.
            or regexp_full_match(text, '[0 :.T/-]+')
            then null
        when fault = 'sentinel_date' then null
        else coalesce(day, date '0001-01-01')
    end;
