-- The grants as the new build is to have them: of staff that goes they say no more than a keyed digest, the one of the
-- suppression list, and whatever text of theirs names somebody who goes is not kept. Grain: one row per grant. Holds persons.
create or replace temp table surviving_grant as
with asked as (
    select holder as told from old.access_grant
    union
    select approver from old.access_grant
),
named as (
    select doomed_record.source_key as told, 'record|' || doomed_record.record_id as text
    from doomed_record
    where doomed_record.category in ('EMPLOYEE', 'CONTRACTOR')
    union all
    select record.email_key, 'record|' || record.record_id
    from old.record
    semi join doomed_record on doomed_record.record_id = record.record_id
    where record.email_key is not null
    union all
    select further.key, 'record|' || further.record_id
    from further
    semi join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
),
-- Few of those who go have a grant: whether others are called so is looked for of these alone.
sought as (
    select named.*
    from named
    semi join asked on asked.told = named.told
),
claimed as (
    select source_key as told
    from surviving_record
    where category in ('EMPLOYEE', 'CONTRACTOR') and source_key in (select told from sought)
    union
    select email_key
    from surviving_record
    where email_key in (select told from sought)
    union
    select further.key
    from further
    anti join doomed_record on doomed_record.record_id = further.record_id
    where further.kind = 'email'
),
gone as (
    select sought.told, keyed(min(sought.text)) as digest
    from sought
    anti join claimed on claimed.told = sought.told
    group by sought.told
)
select
    access_grant.* replace (
        coalesce(own.digest, access_grant.grant_key) as grant_key,
        coalesce(held.digest, holder.digest, access_grant.holder) as holder,
        case
            when account.text is null and not coalesce(contains(lower(access_grant.account), lower(held.told)), false)
                then access_grant.account
        end as account,
        case when ticket.text is null then access_grant.ticket end as ticket,
        coalesce(approved.digest, approver.digest, access_grant.approver) as approver,
        access_grant.holder_erased or held.digest is not null or holder.digest is not null as holder_erased
    )
from old.access_grant
left join gone as held on held.told = access_grant.holder
left join gone as approved on approved.told = access_grant.approver
left join naming_text as own on own.text = access_grant.grant_key
left join naming_text as holder on holder.text = access_grant.holder
left join naming_text as account on account.text = access_grant.account
left join naming_text as ticket on ticket.text = access_grant.ticket
left join naming_text as approver on approver.text = access_grant.approver
