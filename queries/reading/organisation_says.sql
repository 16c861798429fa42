-- What an organisation and its people say by which it may be known again, of a build's two tables: its number or its key in
-- the source, its name without its legal form, and what its people are reached by. Grain: organisation x what is said.
create or replace temp macro organisation_says(organisations, records) as table (
    with told as (
        select
            *,
            -- Without its source: the ten digits of an organisation number in all its spellings.
            regexp_replace(
                regexp_replace(upper(substr(org_id, strpos(org_id, ':') + 1)), '[^0-9A-Z]', '', 'g'), '^SE', ''
            ) as code
        from query_table(organisations)
    ),
    firm as (
        select
            org_id,
            case
                when regexp_full_match(code, '16[0-9]{2}[2-9][0-9]{7}') then substr(code, 3)
                when regexp_full_match(code, '[0-9]{2}[2-9][0-9]{7}01') then substr(code, 1, 10)
                when regexp_full_match(code, '[0-9]{2}[2-9][0-9]{7}') then code
            end as number,
            source || ':' || nullif(ltrim(code, '0'), '') as key,
            nullif(regexp_replace(organisation_key(org_name), ' (ab|as|oy|hb|kb|ltd|inc|llc|gmbh|ag|aps)$', ''), '') as bare
        from told
    )
    select org_id, unnest(['number', 'number', 'name']) as because, unnest([number, key, bare]) as said
    from firm
    union all
    select
        org_id,
        unnest(['people', 'people', 'domain', 'names']) as because,
        unnest([email_key, phone_key, split_part(email_key, '@', 2), one_spelling(name_key)]) as said
    from query_table(records)
    where org_id is not null
)
