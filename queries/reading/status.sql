-- Where every basis stands on :as_of: what started its clock, its ceiling and deadline, its status, and why.
-- This is the one statement that decides status; every list, figure, preview and purge reads its result.
-- grain: one row per basis
-- holds persons
with
parameter as (
    select
        cast(:as_of as date) as as_of,
        cast(:notice_days as integer) as notice_days,
        cast(:lead_days as integer) as lead_days,
        cast(:grace_days as integer) as grace_days
),

-- How long a category may be kept, as one span for all that is asked of it: a rule gives months or days.
span as (
    select
        category,
        statutory_years,
        coalesce(period_months, 0) * interval '1 month' + coalesce(period_days, 0) * interval '1 day' as kept_for
    from rule
),

-- An organisation's time as a customer falls into eras: a return within the period of the rule continues the era,
-- a later one starts a new era and does not cure the rows that should have been erased before it.
begun as (
    select
        island.org_id,
        island.starts_on,
        island.ends_on,
        lag(island.ends_on) over (partition by island.org_id order by island.starts_on) as previous_end
    from island
    cross join parameter
    where island.starts_on <= parameter.as_of
),
numbered as (
    select
        begun.org_id,
        begun.starts_on,
        begun.ends_on,
        sum(
            case
                when begun.starts_on > cast(begun.previous_end + span.kept_for as date)
                    then 1
                else 0
            end
        ) over (partition by begun.org_id order by begun.starts_on rows unbounded preceding) as era_no
    from begun
    left join span on span.category = 'CUSTOMER_CONTACT'
),
bounded as (
    select
        org_id,
        era_no,
        max(ends_on) as last_end,
        count(*) - count(ends_on) as open_islands
    from numbered
    group by org_id, era_no
),
era as (
    select
        bounded.org_id,
        case when bounded.open_islands = 0 then bounded.last_end end as ends_on,
        bounded.open_islands > 0 or bounded.last_end >= parameter.as_of as is_open,
        lag(bounded.last_end) over (partition by bounded.org_id order by bounded.era_no) as previous_end,
        count(*) over (partition by bounded.org_id) as eras,
        bounded.era_no = max(bounded.era_no) over (partition by bounded.org_id) as is_last
    from bounded
    cross join parameter
),
customer as (
    select org_id, is_open as is_customer
    from era
    where is_last
),

-- A contact belongs to the era in which it was designated.
contact_era as (
    select
        basis.basis_id,
        era.ends_on,
        era.is_open,
        era.eras
    from basis
    inner join era
        on basis.org_id = era.org_id
        and (
            era.previous_end is null
            or coalesce(basis.registered_on, date '0001-01-01') > era.previous_end
        )
        and (era.is_last or coalesce(basis.registered_on, date '0001-01-01') <= era.ends_on)
    where basis.category = 'CUSTOMER_CONTACT'
),

dated as (
    select
        basis.basis_id,
        basis.category,
        basis.registered_on,
        basis.starts_on,
        basis.stated_status,
        basis.fault_code,
        basis.fault_field,
        basis.fault_value,
        basis.cookie_name,
        basis.fiscal_year,
        basis.erased_on,
        span.kept_for,
        span.statutory_years,
        span.category is not null as has_rule,
        parameter.as_of,
        contact_era.eras,
        customer.is_customer,
        contact_era.basis_id is not null as has_era,
        case when basis.met_on <= parameter.as_of then basis.met_on end as met_on,
        case when basis.inbound_on <= parameter.as_of then basis.inbound_on end as inbound_on,
        coalesce(basis.met_on > parameter.as_of, false)
        or coalesce(basis.inbound_on > parameter.as_of, false) as contact_ahead,
        -- The end of the relationship and of the person's own part in it; the earlier of the two counts.
        case
            when basis.category = 'CUSTOMER_CONTACT' then contact_era.ends_on
            else basis.ends_on
        end as relation_end,
        case
            when basis.category = 'CUSTOMER_CONTACT' then basis.left_org_on
            else basis.replaced_on
        end as person_end,
        basis.set_on
    from basis
    cross join parameter
    left join span on basis.category = span.category
    left join contact_era on basis.basis_id = contact_era.basis_id
    left join customer on basis.org_id = customer.org_id
),

ended as (
    select
        dated.*,
        case
            when relation_end is null or person_end < relation_end then person_end
            else relation_end
        end as end_on,
        case
            when category in ('CUSTOMER_CONTACT', 'EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP', 'VOUCHER')
                then
                (relation_end is null or relation_end >= as_of)
                and (person_end is null or person_end >= as_of)
                -- A voucher that belongs to no known engagement has no open relationship to wait for.
                and (category <> 'VOUCHER' or starts_on is not null)
            else false
        end as is_open
    from dated
),

-- Nothing below trusts a basis that has a reason here.
judged as (
    select
        ended.*,
        case
            when erased_on is not null then 'erased'
            when cookie_name is not null and category = 'UNCLASSIFIED' then 'undeclared_cookie'
            when not has_rule then 'no_rule'
            when fault_code is not null then fault_code
            when category = 'CUSTOMER_CONTACT' and not has_era then 'future_date'
            when category = 'CUSTOMER_CONTACT' and eras > 1 and registered_on is null then 'missing_date'
            when category = 'CUSTOMER_CONTACT' and stated_status = 'open' and not is_customer
                then 'status_contradicts'
            when category = 'CUSTOMER_CONTACT' and stated_status = 'ended' and is_customer
                then 'status_contradicts'
            when category in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP', 'VOUCHER')
                and relation_end < starts_on then 'end_before_start'
            when category in ('SUPPLIER_REP', 'PARTNER_REP') and person_end < starts_on then 'end_before_start'
            when category in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP', 'VOUCHER')
                and stated_status = 'ended' and end_on is null then 'ended_without_date'
            when category in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP', 'VOUCHER')
                and stated_status = 'ended' and is_open then 'status_contradicts'
            when category in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP', 'VOUCHER')
                and stated_status = 'open' and not is_open then 'status_contradicts'
            when category in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP')
                and stated_status is null and end_on is null and starts_on is null and registered_on is null
                then 'missing_date'
            when category = 'PROSPECT' and met_on is null and inbound_on is null
                and (registered_on > as_of or (registered_on is null and contact_ahead)) then 'future_date'
            when category = 'PROSPECT' and met_on is null and inbound_on is null and registered_on is null
                then 'missing_date'
            when category = 'WEB_VISITOR' and set_on is null then 'missing_date'
            when category = 'WEB_VISITOR' and set_on > as_of then 'future_date'
            when category = 'VOUCHER' and fiscal_year is null then 'missing_date'
        end as doubt
    from ended
),

clocked as (
    select
        judged.*,
        case
            when doubt is not null then null
            when category = 'PROSPECT' then coalesce(greatest(met_on, inbound_on), registered_on)
            when category = 'WEB_VISITOR' then set_on
            when category = 'VOUCHER' and starts_on is null
                then cast(cast(fiscal_year as varchar(4)) || '-12-31' as date)
            else end_on
        end as start_on,
        case
            when doubt is not null then doubt
            when is_open and category = 'CUSTOMER_CONTACT' then 'open_contract'
            when is_open and category in ('SUPPLIER_REP', 'PARTNER_REP') then 'open_relation'
            when is_open then 'open_engagement'
            when category = 'CUSTOMER_CONTACT' and (relation_end is null or person_end < relation_end)
                then 'left_organisation'
            when category = 'CUSTOMER_CONTACT' then 'contract_ended'
            when category = 'PROSPECT' and (met_on >= inbound_on or (met_on is not null and inbound_on is null)) then 'met'
            when category = 'PROSPECT' and inbound_on is not null then 'inbound'
            when category = 'PROSPECT' then 'registered'
            when category = 'EMPLOYEE' then 'employment_ended'
            when category = 'CONTRACTOR' then 'assignment_ended'
            when category in ('SUPPLIER_REP', 'PARTNER_REP') and (relation_end is null or person_end < relation_end)
                then 'replaced'
            when category in ('SUPPLIER_REP', 'PARTNER_REP') then 'relation_ended'
            when category = 'WEB_VISITOR' then 'cookie_set'
            when category = 'VOUCHER' and starts_on is null then 'voucher_year'
            when category = 'VOUCHER' then 'voucher_relation'
        end as reason,
        case
            when doubt = fault_code then fault_field
            when doubt in ('missing_date', 'future_date') and category = 'WEB_VISITOR' then 'set_at'
            when doubt = 'missing_date' and category = 'VOUCHER' then 'fiscal_year'
            when doubt in ('missing_date', 'future_date') and category = 'PROSPECT' then 'registered_on'
            when doubt = 'future_date' then 'contract.starts_on'
            when doubt = 'missing_date' and category = 'CUSTOMER_CONTACT' then 'designated_on'
            when doubt in ('missing_date', 'ended_without_date', 'end_before_start') then 'ends_on'
            when doubt = 'status_contradicts' then 'status'
        end as reason_field,
        case when doubt = fault_code then fault_value end as reason_value,
        -- Where the dates cannot be trusted: the earliest event that could have started the clock.
        case
            when doubt in ('erased', 'no_rule', 'undeclared_cookie') or doubt is null then null
            when doubt = 'end_before_start'
                then least(coalesce(relation_end, starts_on), coalesce(person_end, starts_on), starts_on)
            when doubt = 'status_contradicts' and end_on <= as_of then end_on
            when coalesce(greatest(met_on, inbound_on), registered_on, starts_on, set_on) <= as_of
                then coalesce(greatest(met_on, inbound_on), registered_on, starts_on, set_on)
        end as provisional_start_on
    from judged
),

capped as (
    select
        clocked.*,
        cast(start_on + kept_for as date) as ceiling_on,
        cast(provisional_start_on + kept_for as date) as provisional_on,
        -- Only vouchers have a year, and their rule alone years that the law adds.
        cast(cast(fiscal_year + statutory_years as varchar(4)) || '-12-31' as date) as statutory_until
    from clocked
),

on_hold as (
    select basis.basis_id, hold.placed_on, hold.released_on
    from basis
    inner join hold on hold.scope = 'basis' and hold.scope_key = basis.basis_id
    union all
    select basis.basis_id, hold.placed_on, hold.released_on
    from basis
    inner join hold on hold.scope = 'person' and hold.scope_key = basis.person_id
    union all
    select basis.basis_id, hold.placed_on, hold.released_on
    from basis
    inner join hold on hold.scope = 'organisation' and hold.scope_key = basis.org_id
    union all
    select basis.basis_id, hold.placed_on, hold.released_on
    from basis
    inner join hold on hold.scope = 'category' and hold.scope_key = basis.category
),
held as (
    select
        capped.basis_id,
        min(on_hold.placed_on) filter (
            where on_hold.placed_on <= capped.as_of
            and (on_hold.released_on is null or on_hold.released_on > capped.as_of)
        ) as hold_since,
        -- A hold that was on when the ceiling passed gives time to erase after its release; an earlier one gives none.
        max(cast(on_hold.released_on + parameter.grace_days * interval '1 day' as date)) filter (
            where on_hold.placed_on <= capped.ceiling_on
            and on_hold.released_on > capped.ceiling_on
            and on_hold.released_on <= capped.as_of
        ) as grace_on
    from capped
    inner join on_hold on capped.basis_id = on_hold.basis_id
    cross join parameter
    group by capped.basis_id
),

timed as (
    select
        capped.*,
        held.hold_since,
        case when not capped.is_open then coalesce(held.grace_on, capped.ceiling_on) end as deadline_on
    from capped
    left join held on capped.basis_id = held.basis_id
),

decided as (
    select
        timed.*,
        case
            when timed.doubt = 'erased' then 'PURGED'
            when timed.doubt is not null then 'UNDETERMINED'
            when timed.is_open then 'ACTIVE'
            when timed.hold_since is not null
                and timed.as_of >= cast(timed.deadline_on - parameter.lead_days * interval '1 day' as date)
                then 'HELD'
            when timed.statutory_until >= timed.as_of
                and timed.as_of >= cast(timed.deadline_on - parameter.lead_days * interval '1 day' as date)
                then 'STATUTORY'
            when timed.as_of > timed.deadline_on then 'OVERDUE'
            when timed.as_of >= cast(timed.deadline_on - parameter.lead_days * interval '1 day' as date) then 'DUE'
            when timed.as_of >= cast(timed.ceiling_on - parameter.notice_days * interval '1 day' as date)
                then 'EXPIRING'
            else 'RETAINED'
        end as status,
        cast(timed.deadline_on - parameter.lead_days * interval '1 day' as date) as planned_on
    from timed
    cross join parameter
)

select
    decided.basis_id,
    basis.person_id,
    decided.category,
    basis.source,
    basis.org_id,
    decided.status,
    case when decided.doubt is null then decided.reason end as start_event,
    decided.start_on,
    decided.ceiling_on,
    decided.deadline_on,
    decided.planned_on,
    case when decided.status = 'OVERDUE' then cast(decided.as_of - decided.deadline_on as integer) end as days_overdue,
    decided.reason,
    decided.reason_field,
    decided.reason_value,
    decided.provisional_on,
    decided.hold_since,
    decided.statutory_until,
    coalesce(basis.former_role_since < decided.as_of, false) as former_role,
    -- By the source or by the register: whichever says so.
    coalesce(basis.opted_out_on <= decided.as_of, false) or coalesce(marked.is_opted_out, false) as opted_out,
    coalesce(marked.has_objected, false) as objected,
    coalesce(marked.is_restricted, false) as restricted,
    decided.hold_since is not null as has_hold,
    requested.person_id is not null as open_request,
    basis.moved_build is not null as moved_by_source,
    case when basis.moved_build is not null then basis.moved_field end as moved_field,
    case when basis.moved_build is not null then basis.moved_to end as moved_to,
    -- How pressing an entry is, as one number: kinds first, then days. Lists of entries are in its order.
    case decided.status
        when 'OVERDUE' then 10000000
        when 'UNDETERMINED' then 20000000
        when 'DUE' then 30000000
        when 'HELD' then 40000000
        when 'STATUTORY' then 50000000
        when 'EXPIRING' then 60000000
        when 'RETAINED' then 70000000
        else 80000000
    end + coalesce(
        cast(coalesce(decided.deadline_on, decided.provisional_on) - date '0001-01-01' as integer), 9999999
    ) as urgency
from decided
inner join basis on decided.basis_id = basis.basis_id
left join (select distinct person_id from open_request_person) as requested on basis.person_id = requested.person_id
left join marked on basis.person_id = marked.person_id
-- The order in which they lie: whoever wants the most pressing reads a few of them, not all.
order by urgency
