-- Persons that a chain of ties would make of records with contradicting names, or of records that somebody has decided
-- to be two persons'. Grain: one row per root.
create or replace temp table torn as
with named as (
    select distinct label.root, one_spelling(record.name_key) as name_key
    from label
    inner join build.record on record.rowid = label.rid
    where record.name_key is not null
)
select distinct one.root
from named as one
inner join named as other on other.root = one.root and other.name_key > one.name_key
where contradicts(one.name_key, other.name_key)
    and one.root not in (select label.root from label inner join decided_same on decided_same.rid = label.rid)
union
select one.root
from decided_different
inner join label as one on one.rid = decided_different.rid
inner join label as other on other.rid = decided_different.other_rid and other.root = one.root
