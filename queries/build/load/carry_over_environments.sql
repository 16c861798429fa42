-- Environments and grants of datasets that this run has no newer export of, from builds that have them.
insert into build.environment by name select * from old.environment where dataset in (from carried);
insert into told_grant by name select * from old.access_grant where dataset in (from carried)
