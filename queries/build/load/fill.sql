-- Fills a new build's own tables with what stayed of the old one. The folder is the variable survivors.
-- By name: a build that an earlier version made may lack columns.
insert into build.export by name from read_parquet(getvariable('survivors') || '/export.parquet');
insert into build.left_out by name from read_parquet(getvariable('survivors') || '/left_out.parquet');
insert into build.quarantined by name from read_parquet(getvariable('survivors') || '/quarantined.parquet');
insert into build.organisation by name from read_parquet(getvariable('survivors') || '/organisation.parquet');
insert into build.contract by name from read_parquet(getvariable('survivors') || '/contract.parquet');
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
    from read_parquet(getvariable('survivors') || '/record.parquet') as record
    left join erased_relation
        on erased_relation.source = record.source and erased_relation.relation_key = record.relation_key
);
insert into build.request_key by name from read_parquet(getvariable('survivors') || '/request_key.parquet');
