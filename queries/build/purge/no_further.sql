-- What stands for the further identifiers of a build of an earlier version.
create or replace temp table further (record_id varchar, dataset varchar, kind varchar, key varchar)
