-- What was sent to somebody who is not to be mailed, or may not have been when it was sent: with since when an opt-out stands
-- in a source or in the mailing tool, since when all that is stored of the person is held, since when the address should be
-- erased, and the persons of the address whom the register marks. Of marks only the register knows since when.
-- grain: one row per mailing and address
-- holds persons
with mailed as (
    select distinct mailing.address
    from mailing
    where mailing.sent_on > cast(:since as date) and mailing.sent_on <= cast(:as_of as date)
),
-- From the few addresses that were mailed to their persons, and not from all persons to their addresses.
addressed as (
    select record.record_id, record.email_key as address
    from record
    where record.email_key in (select mailed.address from mailed)
    union all
    select further.record_id, further.key
    from further_identifier as further
    where further.kind = 'email' and further.key in (select mailed.address from mailed)
),
reached as (
    select distinct basis.person_id, addressed.address
    from addressed
    inner join basis_record on basis_record.record_id = addressed.record_id
    inner join basis on basis.basis_id = basis_record.basis_id
),
standing as (
    select
        basis_status.person_id,
        min(basis.opted_out_on) as opted_out_on,
        case when bool_and(basis_status.status in ('HELD', 'STATUTORY')) then max(basis_status.hold_since) end as held_since
    from basis_status
    inner join basis on basis.basis_id = basis_status.basis_id
    where basis_status.status <> 'PURGED'
        and basis_status.person_id in (select reached.person_id from reached)
    group by basis_status.person_id
),
told as (
    select address, min(received_on) as received_on
    from opt_out
    where address is not null and received_on is not null
    group by address
),
behind as (
    select
        reached.address,
        min(standing.opted_out_on) as opted_out_on,
        min(standing.held_since) as held_since,
        string_agg(distinct marked.person_id, ',' order by marked.person_id) as marked_persons
    from reached
    left join standing on standing.person_id = reached.person_id
    left join marked on marked.person_id = reached.person_id
    group by reached.address
),
judged as (
    select
        mailing.source,
        mailing.mailing_key,
        mailing.send_key,
        mailing.sent_on,
        least(behind.opted_out_on, told.received_on) as opted_out_on,
        behind.held_since,
        mailing.erased_on,
        behind.marked_persons
    from mailing
    left join behind on behind.address = mailing.address
    left join told on told.address = mailing.address
    where mailing.sent_on > cast(:since as date) and mailing.sent_on <= cast(:as_of as date)
)
select *
from judged
where opted_out_on < sent_on
    or held_since < sent_on
    or erased_on < sent_on
    or marked_persons is not null
order by sent_on, source, send_key
