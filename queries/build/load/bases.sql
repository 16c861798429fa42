-- Makes the bases of records that stand alone: one per record and category that its row states.
-- As persons, they lie in the order of the persons' ids: whoever asks for one person reads a few of them, not all.
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
where category <> 'VOUCHER' and rid not in (select rid from merged)
order by person_id
