-- Which person each record is about. A person's id comes from its smallest identity key, so it is the same in the
-- next build as long as that key is. What two persons have in common is nobody's id.
create temp table split as
select met.kind, met.key
from met
left join label on label.rid = met.rid
group by met.kind, met.key
having min(coalesce(label.root, met.rid)) <> max(coalesce(label.root, met.rid));

create temp table split_name as
select met.kind, met.key, met.name_key
from met
inner join split on split.kind = met.kind and split.key = met.key
left join label on label.rid = met.rid
where met.name_key is not null
group by met.kind, met.key, met.name_key
having min(coalesce(label.root, met.rid)) <> max(coalesce(label.root, met.rid));

-- The identity of records that met others, or of whom somebody has said that they are one person though they have nothing
-- in common any more; all others' is their own first key.
create temp table tied as
with own as (
    select
        record.rowid as rid,
        coalesce(
            case when split.key is null then record.email_key end,
            case when mail_name.key is null then record.email_key || '|' || record.name_key end,
            case when call_name.key is null then record.phone_key || '|' || record.name_key end,
            record.record_id
        ) as identity
    from build.record
    left join split on split.kind = 'email' and split.key = record.email_key
    left join split_name as mail_name
        on mail_name.kind = 'email' and mail_name.key = record.email_key
        and mail_name.name_key = one_spelling(record.name_key)
    left join split_name as call_name
        on call_name.kind = 'phone' and call_name.key = record.phone_key
        and call_name.name_key = one_spelling(record.name_key)
    where record.rowid in (select rid from met union all select rid from decided_same)
)
select
    own.rid,
    min(own.identity) over (partition by coalesce(label.root, own.rid)) as identity
from own
left join label on label.rid = own.rid;

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
        when tied.identity is not null then md5(tied.identity)
        else coalesce(
            record.own_person_id,
            md5(own_identity(record.email_key, record.phone_key, record.name_key, record.record_id))
        )
    end as person_id
from build.record
left join tied on tied.rid = record.rowid
-- Only vouchers have a relation_key.
left join engagement on engagement.source = record.source and engagement.source_key = record.relation_key;
