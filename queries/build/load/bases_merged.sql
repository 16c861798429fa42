-- Makes the bases of records that speak of the same relationship, and says which records each is of.
-- Of several records the clock gets what is surely over: an end counts only when every record has one.
insert into build.basis_made
select
    first(entry_id(category_stated, record_id) order by rid = anchor desc),
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
            end,
            met_on := max(if(moved_build is null, met_on, told.met_on)),
            inbound_on := max(if(moved_build is null, inbound_on, told.inbound_on))
        )
    end,
    false,
    null,
    null,
    null
from merged
group by anchor, person_id, category, source
order by person_id;

insert into build.merged_record
select
    first_value(entry_id(category_stated, record_id)) over (partition by anchor order by rid = anchor desc),
    record_id,
    dataset,
    source,
    source_key
from merged;
