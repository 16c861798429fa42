-- What a build of an earlier version lacks, empty.
create table further_identifier (record_id varchar, dataset varchar, kind varchar, key varchar);
create table unread_cell (dataset varchar, source varchar, field varchar, rows bigint);
create table arrival (record_id varchar, dataset varchar, build bigint);
create table possible_double (
    person_a varchar, person_b varchar, speaks_for varchar[], speaks_against varchar[]
);
create table decided_record (decision_id bigint, answer varchar, record_id varchar, side varchar);
