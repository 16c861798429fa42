-- How many entries are gone, what the new build still has of what should have gone, and lacks of what should have stayed.
-- Grain: one row. Holds figures.
select
    (select count(*) from doomed anti join build.basis using (basis_id)) as deleted,
    (select count(*) from build.record semi join doomed_record using (record_id))
    + (select count(*) from build.basis semi join doomed using (basis_id))
    + (select count(*) from build.basis_record semi join doomed_record using (record_id))
    + (select count(*) from build.record semi join unlinked using (source, relation_key)) as rows_left,
    (select count(*) from old.record)
    - (select count(*) from old.record semi join doomed_record using (record_id))
    - (select count(*) from build.record) as lost
