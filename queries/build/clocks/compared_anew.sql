-- Finds records that came under a new key among those that went with their old one, by what tells who somebody is: the
-- same address, with the same name or as the only ones that have it, or the same number and name. Grain: as compared.
update compared
set record_id = found.record_id
from (
    with come as (
        select record.rowid as rid, record.*
        from build.record
        inner join compared on compared.rid = record.rowid
        where compared.record_id is null
    ),
    near as (
        select come.rid, come.email_key = earlier.email_key as by_mail, earlier.*, come.name_key as name_come
        from earlier
        inner join come on come.email_key = earlier.email_key
        where earlier.dataset = $dataset
        union all
        select come.rid, false, earlier.*, come.name_key
        from earlier
        inner join come on come.phone_key = earlier.phone_key and come.name_key = earlier.name_key
        where earlier.dataset = $dataset
    ),
    gone as (
        select near.*
        from near
        inner join come on come.rid = near.rid
        where near.record_id not in (select record_id from build.record where dataset = $dataset)
            and near.category = come.category
            -- With another organisation somebody is in another relationship.
            and (near.org_id = come.org_id or near.org_id is null or come.org_id is null)
    ),
    counted as (
        select
            *,
            count(distinct rid) over (partition by email_key) as come_by_mail,
            count(distinct record_id) over (partition by email_key) as gone_by_mail
        from gone
    )
    select rid, record_id
    from counted
    where not by_mail or name_key = name_come or (come_by_mail = 1 and gone_by_mail = 1)
    qualify row_number() over (
        partition by rid order by least(registered_on, designated_on, starts_on) nulls last, record_id
    ) = 1
) as found
where found.rid = compared.rid
