-- Finds records that came under a new key among those that went with their old one, by what tells who somebody is: an
-- address, with the same name or as the only ones that have it, or the same number and name. A record that stayed but
-- says that of itself no more went in part: the source made two of it. Grain: as compared.
update compared
set record_id = found.record_id
from (
    with come as (
        select record.rowid as rid, record.*
        from build.record
        inner join compared on compared.rid = record.rowid
        where compared.record_id is null
    ),
    had as (
        select record_id, 'email' as kind, email_key as key from earlier where dataset = $dataset and email_key is not null
        union all
        select record_id, 'phone', phone_key from earlier where dataset = $dataset and phone_key is not null
        union all
        select record_id, kind, key from further where dataset = $dataset
    ),
    has as (
        select record_id, 'email' as kind, email_key as key from build.record where dataset = $dataset
        union all
        select record_id, 'phone', phone_key from build.record where dataset = $dataset
        union all
        select record_id, kind, key from build.further_identifier where dataset = $dataset
    ),
    near as (
        select
            come.rid, had.kind, had.key, earlier.* replace (one_spelling(earlier.name_key) as name_key),
            one_spelling(come.name_key) as name_come
        from come
        inner join has on has.record_id = come.record_id
        inner join had on had.kind = has.kind and had.key = has.key
        inner join earlier on earlier.record_id = had.record_id
        where had.kind = 'email' or one_spelling(come.name_key) = one_spelling(earlier.name_key)
    ),
    still as (
        select has.record_id, has.kind, has.key
        from has
        semi join near on near.record_id = has.record_id
    ),
    gone as (
        select near.*
        from near
        inner join come on come.rid = near.rid
        where near.category = come.category
            and (
                near.record_id not in (select record_id from build.record where dataset = $dataset)
                or (
                    near.name_key = near.name_come
                    and not exists (
                        select 1
                        from still
                        where still.record_id = near.record_id and still.kind = near.kind and still.key = near.key
                    )
                )
            )
            -- With another organisation somebody is in another relationship.
            and (near.org_id = come.org_id or near.org_id is null or come.org_id is null)
    ),
    counted as (
        select
            *,
            count(distinct rid) over (partition by kind, key) as come_by_it,
            count(distinct record_id) over (partition by kind, key) as gone_by_it
        from gone
    )
    select rid, record_id
    from counted
    where kind = 'phone' or name_key = name_come or (come_by_it = 1 and gone_by_it = 1)
    qualify row_number() over (
        partition by rid order by least(registered_on, designated_on, starts_on) nulls last, record_id
    ) = 1
) as found
where found.rid = compared.rid
