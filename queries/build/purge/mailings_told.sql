-- The mailings and opt-outs as the new build is to have them: they say no address of whoever goes, unless somebody who stays
-- has it too. Grain: one row per mailing; one row per opt-out. Holds persons.
create or replace temp table gone_address as
with named as (
    select record.email_key as address
    from old.record
    semi join doomed_record on doomed_record.record_id = record.record_id
    where record.email_key is not null
    union
    select further.key
    from further
    semi join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
)
select named.address
from named
anti join surviving_record on surviving_record.email_key = named.address
anti join (
    select further.key
    from further
    anti join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
) as other on other.key = named.address;
create or replace temp table surviving_mailing as
select
    mailing.* replace (
        case when gone.address is null then mailing.address end as address,
        mailing.is_erased or gone.address is not null as is_erased
    )
from old.mailing
left join gone_address as gone on gone.address = mailing.address;
create or replace temp table surviving_opt_out as
select
    opt_out.* replace (
        case when gone.address is null then opt_out.address end as address,
        opt_out.is_erased or gone.address is not null as is_erased
    )
from old.opt_out
left join gone_address as gone on gone.address = opt_out.address
