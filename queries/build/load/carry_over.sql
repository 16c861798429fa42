-- Datasets that this run has no newer export of come over from the previous build as they are. By name: a build that an
-- earlier version made may lack columns.
create temp table carried as
select dataset from old.export where dataset not in (select dataset from build.export);
insert into build.left_out by name select * from old.left_out where dataset in (from carried);
insert into build.quarantined by name select * from old.quarantined where dataset in (from carried);
insert into build.organisation by name select * from old.organisation where dataset in (from carried);
insert into build.contract by name select * from old.contract where dataset in (from carried);
insert into build.request_key by name
select * from old.request_key where dataset in (from carried) and (source, reference) not in (from answered);
insert into build.export by name select * from old.export where dataset in (from carried);
create temp view brought as from record_before where dataset in (from carried);
