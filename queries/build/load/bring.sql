-- Takes the records over that the view `brought` has of another build, with the ids that they have where they speak for
-- themselves. By name: a build that an earlier version made may lack columns.
insert into build.record by name
select
    columns(name -> name not in ('own_basis_id', 'own_person_id', 'speaks')),
    if(speaks, entry_id(category, record_id), null) as own_basis_id,
    if(speaks, md5(own_identity(email_key, phone_key, name_key, record_id)), null) as own_person_id
from (
    select
        brought.* replace (coalesce(erased_relation.digest, brought.relation_key) as relation_key),
        speaks_for_itself(
            brought.category, org_id, designated_on, erased_on, set_at, cookie_name, fault_field
        ) as speaks
    from brought
    left join erased_relation
        on erased_relation.source = brought.source and erased_relation.relation_key = brought.relation_key
)
