-- The mailings and opt-outs of the build: of an erased person they say no address any more, only since when it was erased,
-- and are called by no text with one in it.
insert into build.mailing
select
    told_mailing.* replace (
        coalesce(own.digest, told_mailing.send_key) as send_key,
        case when called.text is null then told_mailing.mailing_key end as mailing_key,
        case when gone.address is null then told_mailing.address end as address,
        told_mailing.is_erased or gone.address is not null as is_erased,
        coalesce(gone.erased_on, told_mailing.erased_on) as erased_on
    )
from told_mailing
left join erased_addressee as gone on gone.address = told_mailing.address
left join erased_text as own on own.text = told_mailing.send_key
left join erased_text as called on called.text = told_mailing.mailing_key;
insert into build.opt_out
select
    told_opt_out.* replace (
        coalesce(own.digest, told_opt_out.opt_out_key) as opt_out_key,
        case when gone.address is null then told_opt_out.address end as address,
        told_opt_out.is_erased or gone.address is not null as is_erased
    )
from told_opt_out
left join erased_addressee as gone on gone.address = told_opt_out.address
left join erased_text as own on own.text = told_opt_out.opt_out_key
