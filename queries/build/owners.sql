-- Which person each record is about. A person's id comes from its smallest identity key, so it is the same in the
-- next build as long as that key is.
create temp table owner as
with tied as (
    select
        label.rid,
        min(coalesce(record.email_key, record.phone_key || '|' || record.name_key, record.record_id))
            over (partition by label.root) as identity
    from label
    inner join build.record on record.rowid = label.rid
)
select
    record.rowid as rid,
    md5(
        coalesce(tied.identity, record.email_key, record.phone_key || '|' || record.name_key, record.record_id)
    ) as person_id
from build.record
left join tied on tied.rid = record.rowid
where record.category <> 'VOUCHER';

-- A voucher belongs to whoever its engagement belongs to.
create temp table engagement as
select
    record.source,
    record.source_key,
    first(owner.person_id order by record.category desc) as person_id
from build.record
inner join owner on owner.rid = record.rowid
where record.category in ('EMPLOYEE', 'CONTRACTOR')
group by record.source, record.source_key;

insert into owner
select record.rowid, coalesce(engagement.person_id, md5(record.record_id))
from build.record
left join engagement on engagement.source = record.source and engagement.source_key = record.relation_key
where record.category = 'VOUCHER';
