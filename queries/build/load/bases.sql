-- Makes the bases of records that stand alone and do not show theirs themselves: one per record and category that its row
-- states. Of whom there is nothing else, it has what the person is called.
-- They lie in the order of the persons' ids: whoever asks for one person reads a few of them, not all.
insert into build.basis_made
select
    entry_id(category_stated, record_id),
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
    told,
    is_person,
    if(is_person, name, null),
    if(is_person, email, null),
    if(is_person, phone, null)
from (
    select
        *,
        erased_on is null and person_id not in (select person_id from several) as is_person
    from settled
    where own_person_id is null and category <> 'VOUCHER' and rid not in (select rid from merged)
)
order by person_id
