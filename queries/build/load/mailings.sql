-- The mailings and opt-outs of the build: of an erased person they say no address any more, only since when it was erased.
insert into build.mailing
select
    told_mailing.* replace (
        case when gone.address is null then told_mailing.address end as address,
        told_mailing.is_erased or gone.address is not null as is_erased,
        coalesce(gone.erased_on, told_mailing.erased_on) as erased_on
    )
from told_mailing
left join erased_addressee as gone on gone.address = told_mailing.address;
insert into build.opt_out
select
    told_opt_out.* replace (
        case when gone.address is null then told_opt_out.address end as address,
        told_opt_out.is_erased or gone.address is not null as is_erased
    )
from told_opt_out
left join erased_addressee as gone on gone.address = told_opt_out.address
