-- Whether a cell looks like a day, whatever follows it.
create or replace temp macro looks_like_day(cell) as
    regexp_matches(
        cell,
        '^([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ]([0-9]{2}){1,2}|(19|20)[0-9]{6})\b'
    );

-- Whether a cell looks like an address, a day or a number; null for one with nothing in it.
create or replace temp macro looks_like(cell, kind) as
    case kind
        when 'address' then contains(cell, '@')
        when 'day' then looks_like_day(cell)
        else regexp_full_match(cell, '[+(]{0,2}[0-9][0-9 ()/.-]{5,}') and not looks_like_day(cell)
    end;
