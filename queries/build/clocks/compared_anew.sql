-- Finds records that came under a new key among those that went with their old one, by what tells who somebody is: an
-- address, with the same name or as the only ones that have it, or the same number and name. Of a mailbox that several
-- read the only ones need a word of their names in common. A record that stayed but
-- says that of itself no more went in part: the source made two of it. Thousands may have one address: no two of them
-- are put side by side. Grain: as compared.
update compared
set record_id = found.first.record_id
from (
    with come as (
        select
            record.rowid as rid,
            record.record_id,
            record.category,
            one_spelling(record.name_key) as name_key,
            -- With another organisation somebody is in another relationship: who has one is looked for there, and among
            -- those who have none; who has none, among all.
            unnest(case when record.org_id is null then ['all'] else ['=' || record.org_id, 'none'] end) as place
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
    new as (
        select come.rid, has.kind, has.key, come.category, come.place, come.name_key
        from come
        inner join has on has.record_id = come.record_id
    ),
    old as (
        select
            earlier.record_id,
            had.kind,
            had.key,
            earlier.category,
            unnest(['all', coalesce('=' || earlier.org_id, 'none')]) as place,
            one_spelling(earlier.name_key) as name_key,
            {
                'since': coalesce(least(earlier.registered_on, earlier.designated_on, earlier.starts_on), date 'infinity'),
                'record_id': earlier.record_id
            } as turn,
            earlier.record_id not in (select record_id from build.record where dataset = $dataset) as is_gone
        from had
        inner join earlier on earlier.record_id = had.record_id
        anti join has on has.record_id = had.record_id and has.kind = had.kind and has.key = had.key
    ),
    earliest as (
        select kind, key, category, place, name_key, min(turn) as first
        from old
        group by kind, key, category, place, name_key
    ),
    only_new as (
        select key, min(rid) as rid, min(name_key) as name_key
        from (
            select new.key, new.rid, new.name_key
            from new
            semi join old
                on old.is_gone and old.kind = new.kind and old.key = new.key and old.category = new.category
                and old.place = new.place
            where new.kind = 'email'
            union
            select new.key, new.rid, new.name_key
            from new
            semi join old
                on old.kind = new.kind and old.key = new.key and old.category = new.category and old.place = new.place
                and old.name_key = new.name_key
            where new.kind = 'email'
        )
        group by key
        having count(*) = 1
    ),
    only_old as (
        select key, min(turn) as first, min(name_key) as name_key
        from (
            select old.key, old.turn, old.name_key
            from old
            semi join new
                on new.kind = old.kind and new.key = old.key and new.category = old.category and new.place = old.place
            where old.kind = 'email' and old.is_gone
            union
            select old.key, old.turn, old.name_key
            from old
            semi join new
                on new.kind = old.kind and new.key = old.key and new.category = old.category and new.place = old.place
                and new.name_key = old.name_key
            where old.kind = 'email'
        )
        group by key
        having count(*) = 1
    ),
    told as (
        select new.rid, earliest.first
        from new
        inner join earliest
            on earliest.kind = new.kind and earliest.key = new.key and earliest.category = new.category
            and earliest.place = new.place and earliest.name_key = new.name_key
        union all
        select only_new.rid, only_old.first
        from only_new
        inner join only_old on only_old.key = only_new.key
        -- Who answers a mailbox of many under a name that has nothing of the old one is who came after.
        where not is_role_mailbox(only_new.key)
            or coalesce(list_has_any(words_of(only_new.name_key), words_of(only_old.name_key)), true)
    )
    select rid, min(first) as first
    from told
    group by rid
) as found
where found.rid = compared.rid
