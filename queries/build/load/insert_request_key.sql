-- Loads what those who ask to be erased can be found by; nothing else of a request is in a build.
insert into build.request_key
select $dataset, $source, reference, email_key(email), phone_key(phone)
from dated
where row_no not in (select row_no from bad_row)
    -- One that is closed is nobody's any more.
    and closed_on_day is null
    and reference not in (select reference from answered where source = $source)
