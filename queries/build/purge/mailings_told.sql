-- The mailings and opt-outs as the new build is to have them: they say no address of whoever goes, unless somebody who stays
-- has it too, and are called by no text that names somebody who goes. Grain: one row per mailing; one row per opt-out. Holds
-- persons.
create or replace temp table gone_address as
with addressed as (
    select address from old.mailing
    union
    select address from old.opt_out
),
named as (
    select record.email_key as address
    from old.record
    semi join doomed_record on doomed_record.record_id = record.record_id
    where record.email_key in (select address from addressed)
    union
    select further.key
    from further
    semi join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email' and further.key in (select address from addressed)
),
-- Few of those who go were written to: whether others have such an address is looked for of these alone.
claimed as (
    select email_key
    from surviving_record
    where email_key in (select address from named)
)
select named.address
from named
anti join claimed on claimed.email_key = named.address
anti join (
    select further.key
    from further
    anti join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
) as other on other.key = named.address;
create or replace temp table surviving_mailing as
select
    mailing.* replace (
        coalesce(own.digest, mailing.send_key) as send_key,
        case when called.text is null then mailing.mailing_key end as mailing_key,
        case when gone.address is null then mailing.address end as address,
        mailing.is_erased or gone.address is not null as is_erased
    )
from old.mailing
left join gone_address as gone on gone.address = mailing.address
left join naming_text as own on own.text = mailing.send_key
left join naming_text as called on called.text = mailing.mailing_key;
create or replace temp table surviving_opt_out as
select
    opt_out.* replace (
        coalesce(own.digest, opt_out.opt_out_key) as opt_out_key,
        case when gone.address is null then opt_out.address end as address,
        opt_out.is_erased or gone.address is not null as is_erased
    )
from old.opt_out
left join gone_address as gone on gone.address = opt_out.address
left join naming_text as own on own.text = opt_out.opt_out_key
