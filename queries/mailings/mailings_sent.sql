-- Mailings by what they are called and what they were for: how many were sent after :since and not after :as_of, from when to
-- when, and how many of the rows lack a day or an address. One of which the day is not known is among them.
-- grain: source x mailing_key x use
-- holds figures
select
    source,
    mailing_key,
    use,
    min(sent_on) as first_sent_on,
    max(sent_on) as last_sent_on,
    count(*) as sends,
    count(*) filter (where sent_on is null or (address is null and not is_erased)) as unread
from mailing
where sent_on is null or (sent_on > cast(:since as date) and sent_on <= cast(:as_of as date))
group by source, mailing_key, use
order by last_sent_on desc, source, mailing_key, use
