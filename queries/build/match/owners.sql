-- Which person each record is about. A person's id comes from its smallest identity key, so it is the same in the
-- next build as long as that key is.
create temp macro own_identity(email_key, phone_key, name_key, record_id) as
    coalesce(email_key, phone_key || '|' || name_key, record_id);

create temp table tied as
select
    label.rid,
    min(own_identity(record.email_key, record.phone_key, record.name_key, record.record_id))
        over (partition by label.root) as identity
from label
inner join build.record on record.rowid = label.rid;

-- A voucher belongs to whoever its engagement belongs to.
create temp table engagement as
select
    record.source,
    record.source_key,
    md5(
        first(
            coalesce(
                tied.identity,
                own_identity(record.email_key, record.phone_key, record.name_key, record.record_id)
            )
            order by record.category desc
        )
    ) as person_id
from build.record
left join tied on tied.rid = record.rowid
where record.category in ('EMPLOYEE', 'CONTRACTOR')
group by record.source, record.source_key;

-- A view, since most records are tied to no other and their person is computed sooner than looked up.
create temp view owned as
select
    record.*,
    record.rowid as rid,
    case
        when record.category = 'VOUCHER' then coalesce(engagement.person_id, md5(record.record_id))
        else md5(
            coalesce(tied.identity, own_identity(record.email_key, record.phone_key, record.name_key, record.record_id))
        )
    end as person_id
from build.record
left join tied on tied.rid = record.rowid
-- Only vouchers have a relation_key.
left join engagement on engagement.source = record.source and engagement.source_key = record.relation_key;
