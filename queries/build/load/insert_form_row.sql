-- Keeps the erasure form's rows for the register, which takes them once the build is finished.
insert into form_row
select
    $source,
    reference,
    request_kind,
    requester,
    received_at_instant,
    name_of(name, given_name, family_name),
    email,
    phone,
    identity_asked_on_day,
    identity_answered_on_day,
    extended_on_day,
    extension_reason,
    forwarded_on_day,
    closed_on_day,
    outcome
from dated
where row_no not in (select row_no from bad_row)
