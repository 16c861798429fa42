-- Loads what those who ask to be erased can be found by; nothing else of a request is in a build.
insert into build.request_key
select $dataset, $source, reference, email_key(email), phone_key(phone)
from staged
where row_no not in (select row_no from bad_row)
    -- One that is closed is nobody's any more.
    and read_date(closed_on, $closed_on) is null
    and reference not in (select reference from answered where source = $source)
