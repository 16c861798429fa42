-- The grants of the build: an erased person of staff is named by a keyed digest, in the grant that stays as in one of which
-- it was the approver. An account that is called by the same key is not kept with it, nor any text with an erased address in
-- it.
insert into build.access_grant
select
    told_grant.dataset,
    told_grant.source,
    coalesce(own.digest, told_grant.grant_key),
    told_grant.environment_key,
    coalesce(held.digest, holder.digest, told_grant.holder),
    case
        when account.text is null and not coalesce(contains(lower(told_grant.account), lower(held.told)), false)
            then told_grant.account
    end,
    told_grant.purpose,
    case when ticket.text is null then told_grant.ticket end,
    coalesce(approved.digest, approver.digest, told_grant.approver),
    told_grant.granted_on,
    told_grant.valid_until,
    told_grant.reviewed_on,
    told_grant.revoked_on,
    told_grant.holder_erased or held.digest is not null or holder.digest is not null,
    told_grant.unread
from told_grant
left join erased_holder as held on held.told = told_grant.holder
left join erased_holder as approved on approved.told = told_grant.approver
left join erased_text as own on own.text = told_grant.grant_key
left join erased_text as holder on holder.text = told_grant.holder
left join erased_text as approver on approver.text = told_grant.approver
left join erased_text as account on account.text = told_grant.account
left join erased_text as ticket on ticket.text = told_grant.ticket
