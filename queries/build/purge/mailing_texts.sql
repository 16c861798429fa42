-- What mailings and opt-outs are called by, in whatever words a source has for it. Grain: one row per text. Holds persons.
select send_key as text
from old.mailing
union
select mailing_key
from old.mailing
where mailing_key is not null
union
select opt_out_key
from old.opt_out
