-- Organisations with themselves and whoever took them over, by whom their time as a customer goes on; grain: organisation x
-- heir, once for each way there. Of a table of organisations, by its name.
create or replace temp macro heirs(organisations) as table (
    with recursive heir as (
        select org_id, org_id as heir_id, 0 as steps
        from query_table(organisations)
        union
        select heir.org_id, organisation.successor_id, heir.steps + 1
        from heir
        inner join query_table(organisations) as organisation on organisation.org_id = heir.heir_id
        -- A chain of mergers is short; the bound ends a circle that a source may state by mistake.
        where organisation.successor_id is not null and heir.steps < 10
    )
    select org_id, heir_id
    from heir
)
