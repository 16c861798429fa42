-- Records with their final category, clock dates and doubts, before those of one relationship are merged.
create temp view settled as
with known as (
    select
        record.*,
        organisation.org_id is not null as org_known,
        organisation.org_name as org_name_known,
        organisation.stated_status as org_status,
        org_fault.fault as contract_fault,
        record.category = 'CUSTOMER_CONTACT'
        and organisation.org_id is not null
        and contracted.org_id is null as is_reclassified
    from owned as record
    left join build.organisation on organisation.org_id = record.org_id
    left join (select distinct org_id from org_contract) as contracted on contracted.org_id = record.org_id
    left join org_fault on org_fault.org_id = record.org_id
)
select
    rid,
    record_id,
    dataset,
    person_id,
    case when is_reclassified then 'PROSPECT' else category end as category,
    category as category_stated,
    source,
    source_key,
    case when is_reclassified then category end as reclassified_from,
    org_id,
    coalesce(org_name_known, org_name) as org_name,
    role,
    name,
    email,
    phone,
    own_person_id,
    case
        when category = 'CUSTOMER_CONTACT' then coalesce(org_status, stated_status)
        else stated_status
    end as stated_status,
    -- Where the day of being designated anew cannot be read, an earlier registration says nothing of it.
    coalesce(designated_on, if(fault_field = 'designated_on', null, registered_on)) as registered_on,
    met_on,
    inbound_on,
    left_org_on,
    starts_on,
    ends_on,
    replaced_on,
    erased_on,
    cast(set_at at time zone 'Europe/Stockholm' as date) as set_on,
    cookie_name,
    fiscal_year,
    case when category = 'CUSTOMER_CONTACT' then role_until end as former_role_since,
    opted_out_on,
    case
        when category = 'CUSTOMER_CONTACT' and erased_on is null and not is_reclassified then
            case
                when fault_field in ('erased_on', 'left_org_on')
                    then struct_pack(code := fault_code, field := fault_field, val := fault_value)
                when not org_known
                    then struct_pack(code := 'unknown_organisation', field := 'org_key', val := null::varchar)
                else contract_fault
            end
        when fault_code is not null
            then struct_pack(code := fault_code, field := fault_field, val := fault_value)
    end as fault,
    if(moved_build is null, by_contract.dataset, dataset) as moved_dataset,
    coalesce(moved_build, by_contract.build) as moved_build,
    if(moved_build is null, by_contract.field, moved_field) as moved_field,
    if(moved_build is null, by_contract.moved_to, moved_to) as moved_to,
    case
        when moved_build is not null then struct_pack(
            registered_on := coalesce(told.designated_on, told.registered_on),
            left_org_on := told.left_org_on,
            starts_on := told.starts_on,
            ends_on := told.ends_on,
            replaced_on := told.replaced_on,
            met_on := told.met_on,
            inbound_on := told.inbound_on
        )
        -- Its own dates are as the source says.
        when by_contract.build is not null then struct_pack(
            registered_on := coalesce(known.designated_on, known.registered_on),
            left_org_on := known.left_org_on,
            starts_on := known.starts_on,
            ends_on := known.ends_on,
            replaced_on := known.replaced_on,
            met_on := known.met_on,
            inbound_on := known.inbound_on
        )
    end as told
from known
-- Whose organisation was moved says so, unless it was moved itself. As one comparison, like every join that keeps all of one
-- side: with a condition of that side alone each row would meet each of the other side.
left join (
    select org_id as moved_org_id, arg_max(moved_contract, build) as by_contract
    from build.moved_contract
    group by org_id
) on moved_org_id = if(known.category = 'CUSTOMER_CONTACT', known.org_id, null);
