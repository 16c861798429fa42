-- The addresses that may not be mailed, with why: whoever has one of them is opted out (by the register or by the source),
-- has objected, is restricted, or is stored for nothing but a hold or the law by now. Each as records are matched by, without
-- a tag, and as it is written, which a mailing tool may compare by.
-- grain: one row per address
-- holds persons
with standing as (
    select
        person_id,
        bool_or(opted_out) as opted_out,
        bool_or(objected) as objected,
        bool_or(restricted) as restricted,
        bool_and(status in ('HELD', 'STATUTORY')) as held
    from basis_status
    where status <> 'PURGED'
    group by person_id
),
unwanted as (
    select *
    from standing
    where opted_out or objected or restricted or held
),
behind as (
    select unwanted.*, record.record_id, record.email, record.email_key
    from unwanted
    inner join basis on basis.person_id = unwanted.person_id
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
),
known as (
    select email_key as address, opted_out, objected, restricted, held
    from behind
    where email_key is not null
    union all
    select unnest(string_to_array(email, ', ')), opted_out, objected, restricted, held
    from behind
    where email is not null
    union all
    select further.key, behind.opted_out, behind.objected, behind.restricted, behind.held
    from behind
    inner join further_identifier as further on further.record_id = behind.record_id
    where further.kind = 'email'
)
select
    address,
    bool_or(opted_out) as opted_out,
    bool_or(objected) as objected,
    bool_or(restricted) as restricted,
    bool_or(held) as held
from known
group by address
order by address
