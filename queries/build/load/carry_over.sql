-- Datasets that this run has no newer export of come over from the previous build as they are.
create temp view carried as
select dataset from old.export where dataset not in (select dataset from build.export);
insert into build.left_out select * from old.left_out where dataset in (from carried);
insert into build.quarantined select * from old.quarantined where dataset in (from carried);
insert into build.organisation select * from old.organisation where dataset in (from carried);
insert into build.contract select * from old.contract where dataset in (from carried);
insert into build.record select * from old.record where dataset in (from carried);
insert into build.request_key
select * from old.request_key where dataset in (from carried) and (source, reference) not in (from answered);
-- Last, because the view above reads it.
insert into build.export select * from old.export where dataset not in (select dataset from build.export);
