-- What the grants and mailings that stay are called by and refer to, in whatever words a source has for it: what names
-- somebody there is no reason for it to be left. Grain: one row per grant, mailing and opt-out. Holds persons.
select concat_ws(chr(10), grant_key, account, ticket)
from surviving_grant
union all
select concat_ws(chr(10), send_key, mailing_key)
from surviving_mailing
union all
select opt_out_key
from surviving_opt_out
