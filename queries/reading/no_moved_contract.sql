-- What a build lacks that was made before moved contracts were kept, empty.
create table moved_contract (
    org_id varchar, dataset varchar, source varchar, build integer, field varchar, moved_to date
);
