-- Which organisations of the build may be those of the build before that a hold is on and of which nothing is left: they
-- are numbered alike, are called alike but for their legal form or in another source, or have an address, a number, a mail
-- domain or a name among their people that no other organisation had. Nothing of that joins them; somebody decides.
-- Grain: id before x id now x what speaks for it. Holds persons.
with lost as (
    select unnest($keys::varchar[]) as org_id
),
told as (
    select 'now' as side, org_id, source, org_name
    from build.organisation
    union all
    select 'before', org_id, source, org_name
    from old.organisation
    where org_id in (select org_id from lost)
),
-- What an id says of itself, without its source: the ten digits of an organisation number in all its spellings.
numbered as (
    select
        *,
        regexp_replace(regexp_replace(upper(substr(org_id, strpos(org_id, ':') + 1)), '[^0-9A-Z]', '', 'g'), '^SE', '') as code
    from told
),
firm as (
    select
        side,
        org_id,
        source,
        case
            when regexp_full_match(code, '16[0-9]{2}[2-9][0-9]{7}') then substr(code, 3)
            when regexp_full_match(code, '[0-9]{2}[2-9][0-9]{7}01') then substr(code, 1, 10)
            when regexp_full_match(code, '[0-9]{2}[2-9][0-9]{7}') then code
        end as number,
        nullif(ltrim(code, '0'), '') as code,
        nullif(regexp_replace(organisation_key(org_name), ' (ab|as|oy|hb|kb|ltd|inc|llc|gmbh|ag|aps)$', ''), '') as bare_name
    from numbered
),
-- What the people of each organisation are reached by.
people as (
    select 'now' as side, org_id, email_key, phone_key, name_key
    from build.record
    union all
    select 'before', org_id, email_key, phone_key, name_key
    from old.record
),
reached as (
    select side, org_id, kind, said
    from (
        select
            side,
            org_id,
            unnest(['people', 'people', 'domain', 'name']) as kind,
            unnest([email_key, phone_key, split_part(email_key, '@', 2), one_spelling(name_key)]) as said
        from people
    )
    where said <> '' and org_id is not null
),
own as (
    select kind, said, min(org_id) as org_id
    from reached
    where side = 'before'
    group by kind, said
    having count(distinct org_id) = 1
),
found as (
    select before.org_id, firm.org_id as new_key, 'number' as because
    from firm as before
    inner join firm on firm.side = 'now'
        and (firm.number = before.number or (firm.source = before.source and firm.code = before.code))
    where before.side = 'before'
    union
    select before.org_id, firm.org_id, 'name'
    from firm as before
    inner join firm on firm.side = 'now' and firm.bare_name = before.bare_name
    where before.side = 'before'
    union
    select own.org_id, reached.org_id, own.kind || case when own.kind = 'name' then 's' else '' end
    from own
    inner join lost on lost.org_id = own.org_id
    inner join reached on reached.side = 'now' and reached.kind = own.kind and reached.said = own.said
)
select org_id, new_key, because
from found
where new_key <> org_id
    and new_key in (select org_id from build.basis)
order by org_id, new_key, because
