-- The records whose clocks the source moved, with the dates that they keep; grain: one row per record of the export. What
-- keeps the date of somebody with another name has a number of its own: whose it is, is asked for each. Under its old key
-- a record is of somebody else only if no word of the two names is the same, under a new one if each has a word that the
-- other lacks.
create or replace temp table move as
with before as (
    select cast(timezone('Europe/Stockholm', exported_at) as date) as told_on
    from old.export
    where dataset = $dataset
),
met as (
    select
        record.rowid as rid,
        record.record_id,
        record.registered_on,
        record.designated_on,
        record.left_org_on,
        record.starts_on,
        record.ends_on,
        record.replaced_on,
        record.met_on,
        record.inbound_on,
        earlier as was,
        -- What was still to come had not been.
        if(earlier.met_on <= before.told_on, earlier.met_on, null) as was_met_on,
        if(earlier.inbound_on <= before.told_on, earlier.inbound_on, null) as was_inbound_on,
        words_of(one_spelling(record.name_key)) as words,
        words_of(one_spelling(earlier.name_key)) as words_before,
        before.told_on,
        earlier.ends_on < record.starts_on and earlier.starts_on is distinct from record.starts_on as begins_after,
        count(*) filter (where earlier.ends_on < record.starts_on) over (partition by record.starts_on) as begin_together
    from compared
    inner join build.record on record.rowid = compared.rid
    inner join earlier on earlier.record_id = compared.record_id
    cross join before
),
-- One that begins after the old one had ended is a new engagement; many on one day are what a migration makes of them.
told as (
    select *, coalesce(begins_after and begin_together < 3, false) as is_new_engagement
    from met
),
judged as (
    select
        *,
        has_moved(was.registered_on, registered_on) as registered_moved,
        has_moved(was.designated_on, designated_on) as designated_moved,
        -- That a relationship goes on longer than was planned is no move: what was over is over.
        was.left_org_on < told_on and has_moved(was.left_org_on, left_org_on) as left_moved,
        not is_new_engagement and has_moved(was.starts_on, starts_on) as starts_moved,
        not is_new_engagement and was.ends_on < told_on and has_moved(was.ends_on, ends_on) as ends_moved,
        was.replaced_on < told_on and has_moved(was.replaced_on, replaced_on) as replaced_moved,
        -- A prospect's clock begins with the last contact: one that is not there any more moves it, mostly to an earlier day.
        has_gone_back(greatest(was_met_on, was_inbound_on), greatest(met_on, inbound_on)) as contact_moved
    from told
),
named as (
    select
        *,
        was.number is not null
        or coalesce(
            if(
                record_id = was.record_id,
                not list_has_any(words, words_before),
                not list_has_all(words, words_before) and not list_has_all(words_before, words)
            ),
            false
        ) as is_of_other
    from judged
),
moved as (
    select
        *,
        -- A move that was told before is the same as long as the source says the same of it.
        was.moved_build is not null
        and (not registered_moved or was.told.registered_on is not distinct from registered_on)
        and (not designated_moved or was.told.designated_on is not distinct from designated_on)
        and (not left_moved or was.told.left_org_on is not distinct from left_org_on)
        and (not starts_moved or was.told.starts_on is not distinct from starts_on)
        and (not ends_moved or was.told.ends_on is not distinct from ends_on)
        and (not replaced_moved or was.told.replaced_on is not distinct from replaced_on)
        and (
            not contact_moved
            or (was.told.met_on is not distinct from met_on and was.told.inbound_on is not distinct from inbound_on)
        )
        and (was.number is not null or not is_of_other)
            as is_known
    from named
    where registered_moved
        or designated_moved
        or left_moved
        or starts_moved
        or ends_moved
        or replaced_moved
        or contact_moved
)
select
    rid,
    case when is_known then was.moved_build else $build end as moved_build,
    case
        when not is_of_other then 0
        when is_known then was.number
        else row_number() over (partition by is_of_other and not is_known order by record_id)
    end as number,
    case
        when ends_moved then 'ends_on'
        when left_moved then 'left_org_on'
        when replaced_moved then 'replaced_on'
        when registered_moved then 'registered_on'
        when designated_moved then 'designated_on'
        when starts_moved then 'starts_on'
        when was_met_on is null or was_met_on < was_inbound_on then 'inbound_on'
        else 'met_on'
    end as moved_field,
    case
        when ends_moved then ends_on
        when left_moved then left_org_on
        when replaced_moved then replaced_on
        when registered_moved then registered_on
        when designated_moved then designated_on
        when starts_moved then starts_on
        when was_met_on is null or was_met_on < was_inbound_on then inbound_on
        else met_on
    end as moved_to,
    if(registered_moved, was.registered_on, registered_on) as registered_on,
    if(designated_moved, was.designated_on, designated_on) as designated_on,
    if(left_moved, was.left_org_on, left_org_on) as left_org_on,
    if(starts_moved, was.starts_on, starts_on) as starts_on,
    if(ends_moved, was.ends_on, ends_on) as ends_on,
    if(replaced_moved, was.replaced_on, replaced_on) as replaced_on,
    if(contact_moved, greatest(was_met_on, met_on), met_on) as met_on,
    if(contact_moved, greatest(was_inbound_on, inbound_on), inbound_on) as inbound_on
from moved
