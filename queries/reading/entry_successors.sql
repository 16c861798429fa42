-- The entries of records that keep a date which may be somebody else's. Of several of one entry one is asked about.
insert into entry_successor
with moved as (
    select basis_id, dataset || ':' || source_key as record_id
    from build.main.basis
    where moved_build is not null and records = 1
    union all
    select merged_record.basis_id, merged_record.record_id
    from build.main.merged_record
    semi join build.main.basis on basis.basis_id = merged_record.basis_id and basis.moved_build is not null
)
select moved.basis_id, successor.dataset, successor.build, min(successor.number)
from build.main.successor
inner join moved on moved.record_id = successor.record_id
group by moved.basis_id, successor.dataset, successor.build
