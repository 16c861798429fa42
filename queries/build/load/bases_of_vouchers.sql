-- A voucher follows the clock of its engagement: the merged stretch of work, with the doubts it may have.
insert into build.basis_made by name
-- By its id alone: millions of whole engagements would not fit into memory side by side.
with engagement as (
    select
        basis_record.source,
        basis_record.source_key,
        arg_min(basis.basis_id, (basis.category <> 'EMPLOYEE', basis.basis_id)) as basis_id
    from build.basis
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    where basis.category in ('EMPLOYEE', 'CONTRACTOR')
    group by basis_record.source, basis_record.source_key
),
engagement_basis as (
    select
        engagement.source,
        engagement.source_key,
        basis.starts_on,
        basis.ends_on,
        basis.registered_on,
        basis.stated_status,
        basis.fault_code,
        basis.fault_field,
        basis.fault_value
    from engagement
    inner join build.basis on basis.basis_id = engagement.basis_id
),
-- An engagement that was erased goes on deciding how long its vouchers are kept, unless there is one by its key again.
erased_span as (
    select source, source_key, min(starts_on) as starts_on, max(ends_on) as ends_on
    from erased_engagement
    group by source, source_key
)
select
    entry_id('VOUCHER', voucher.record_id) as basis_id,
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
            engagement_basis.starts_on, engagement_basis.ends_on, make_date(voucher.fiscal_year, 1, 1)
        )
    end as starts_on,
    case when engagement_basis.source_key is null then erased_span.ends_on else engagement_basis.ends_on end as ends_on,
    voucher.fiscal_year,
    engagement_basis.stated_status as stated_status,
    coalesce(
        voucher.fault_code, engagement_basis.fault_code, case when engagement_undated.is_so then 'missing_date' end
    ) as fault_code,
    coalesce(
        voucher.fault_field, engagement_basis.fault_field, case when engagement_undated.is_so then 'ends_on' end
    ) as fault_field,
    coalesce(voucher.fault_value, engagement_basis.fault_value) as fault_value,
    false as is_person
from owned as voucher
left join engagement_basis
    on engagement_basis.source = voucher.source and engagement_basis.source_key = voucher.relation_key
cross join lateral (
    select
        engagement_basis.source_key is not null
        and engagement_basis.starts_on is null
        and engagement_basis.ends_on is null
        and engagement_basis.stated_status is null
        and engagement_basis.registered_on is null as is_so
) as engagement_undated
left join erased_span
    on erased_span.source = voucher.source and erased_span.source_key = voucher.relation_key
where voucher.category = 'VOUCHER'
order by voucher.person_id
