-- Makes the bases: one per record and category that its row states, then those that vouchers and relations add.
insert into build.basis
select
    md5(category_stated || '|' || record_id),
    person_id,
    category,
    dataset,
    source,
    source_key,
    1,
    reclassified_from,
    org_id,
    org_name,
    role,
    stated_status,
    registered_on,
    met_on,
    inbound_on,
    left_org_on,
    starts_on,
    ends_on,
    replaced_on,
    erased_on,
    set_on,
    cookie_name,
    fiscal_year,
    former_role_since,
    opted_out_on,
    fault.code,
    fault.field,
    fault.val,
    moved_dataset,
    moved_build,
    moved_field,
    moved_to,
    told
from settled
where category <> 'VOUCHER' and rid not in (select rid from merged);

-- Of several records the clock gets what is surely over: an end counts only when every record has one.
insert into build.basis
select
    md5(first(category_stated || '|' || record_id order by rid = anchor desc)),
    person_id,
    category,
    first(dataset order by rid = anchor desc),
    source,
    first(source_key order by rid = anchor desc),
    count(*),
    max(reclassified_from),
    -- Both of one record: whose name it is, is told by its id.
    first(org_id order by org_id is null, org_name is null, source_key),
    first(org_name order by org_id is null, org_name is null, source_key),
    first(role order by role is null, source_key),
    case
        when bool_or(stated_status = 'open') then 'open'
        when bool_and(stated_status = 'ended') then 'ended'
    end,
    min(registered_on),
    max(met_on),
    max(inbound_on),
    min(left_org_on),
    min(starts_on),
    case when count(*) = count(ends_on) then max(ends_on) end,
    case when count(*) = count(replaced_on) then max(replaced_on) end,
    null,
    null,
    null,
    null,
    case when count(*) = count(former_role_since) then max(former_role_since) end,
    min(opted_out_on),
    (first(fault order by fault is null, source_key)).code,
    (first(fault order by fault is null, source_key)).field,
    (first(fault order by fault is null, source_key)).val,
    first(moved_dataset order by moved_build desc nulls last, source_key),
    max(moved_build),
    first(moved_field order by moved_build desc nulls last, source_key),
    first(moved_to order by moved_build desc nulls last, source_key),
    -- What they would be together if the source were believed.
    case
        when count(moved_build) > 0 then struct_pack(
            registered_on := min(if(moved_build is null, registered_on, told.registered_on)),
            left_org_on := min(if(moved_build is null, left_org_on, told.left_org_on)),
            starts_on := min(if(moved_build is null, starts_on, told.starts_on)),
            ends_on := case
                when count(*) = count(if(moved_build is null, ends_on, told.ends_on))
                    then max(if(moved_build is null, ends_on, told.ends_on))
            end,
            replaced_on := case
                when count(*) = count(if(moved_build is null, replaced_on, told.replaced_on))
                    then max(if(moved_build is null, replaced_on, told.replaced_on))
            end
        )
    end
from merged
group by anchor, person_id, category, source;

insert into build.merged_record
select
    md5(first_value(category_stated || '|' || record_id) over (partition by anchor order by rid = anchor desc)),
    record_id,
    dataset,
    source,
    source_key
from merged;

-- A voucher follows the clock of its engagement: the merged stretch of work, with the doubts it may have.
insert into build.basis by name
with engagement_basis as (
    select
        basis_record.source,
        basis_record.source_key,
        first(basis order by basis.category desc) as basis
    from build.basis
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    where basis.category in ('EMPLOYEE', 'CONTRACTOR')
    group by basis_record.source, basis_record.source_key
),
-- An engagement that was erased goes on deciding how long its vouchers are kept, unless there is one by its key again.
erased_span as (
    select source, source_key, min(starts_on) as starts_on, max(ends_on) as ends_on
    from erased_engagement
    group by source, source_key
)
select
    md5('VOUCHER|' || voucher.record_id) as basis_id,
    voucher.person_id,
    'VOUCHER' as category,
    voucher.dataset,
    voucher.source,
    voucher.source_key,
    1 as records,
    case
        when engagement_basis.source_key is null then coalesce(erased_span.starts_on, erased_span.ends_on)
        -- That there is an engagement is known, whatever its dates: the voucher's own year stands in for its beginning.
        else coalesce(
            engagement_basis.basis.starts_on, engagement_basis.basis.ends_on, make_date(voucher.fiscal_year, 1, 1)
        )
    end as starts_on,
    case when engagement_basis.source_key is null then erased_span.ends_on else engagement_basis.basis.ends_on end as ends_on,
    voucher.fiscal_year,
    engagement_basis.basis.stated_status as stated_status,
    coalesce(
        voucher.fault_code, engagement_basis.basis.fault_code, case when engagement_undated.is_so then 'missing_date' end
    ) as fault_code,
    coalesce(
        voucher.fault_field, engagement_basis.basis.fault_field, case when engagement_undated.is_so then 'ends_on' end
    ) as fault_field,
    coalesce(voucher.fault_value, engagement_basis.basis.fault_value) as fault_value
from owned as voucher
left join engagement_basis
    on engagement_basis.source = voucher.source and engagement_basis.source_key = voucher.relation_key
cross join lateral (
    select
        engagement_basis.source_key is not null
        and engagement_basis.basis.starts_on is null
        and engagement_basis.basis.ends_on is null
        and engagement_basis.basis.stated_status is null
        and engagement_basis.basis.registered_on is null as is_so
) as engagement_undated
left join erased_span
    on erased_span.source = voucher.source and erased_span.source_key = voucher.relation_key
where voucher.category = 'VOUCHER';
