-- Datasets that this run has no newer export of come over from the previous build as they are. By name: a build that an
-- earlier version made may lack columns.
create temp table carried as
select dataset from old.export where dataset not in (select dataset from build.export);
insert into build.left_out by name select * from old.left_out where dataset in (from carried);
insert into build.quarantined by name select * from old.quarantined where dataset in (from carried);
insert into build.organisation by name select * from old.organisation where dataset in (from carried);
insert into build.contract by name select * from old.contract where dataset in (from carried);
insert into build.record by name
select
    columns(name -> name not in ('own_basis_id', 'own_person_id', 'speaks')),
    if(speaks, entry_id(category, record_id), null) as own_basis_id,
    if(speaks, md5(own_identity(email_key, phone_key, name_key, record_id)), null) as own_person_id
from (
    select
        record.* replace (coalesce(erased_relation.digest, record.relation_key) as relation_key),
        speaks_for_itself(
            record.category, org_id, designated_on, erased_on, set_at, cookie_name, fault_field
        ) as speaks
    from old.record
    left join erased_relation
        on erased_relation.source = record.source and erased_relation.relation_key = record.relation_key
    where record.dataset in (from carried)
);
insert into build.request_key by name
select * from old.request_key where dataset in (from carried) and (source, reference) not in (from answered);
insert into build.export by name select * from old.export where dataset in (from carried);
