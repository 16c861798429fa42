-- Keeps the erasure form's rows for the register, which takes them once the build is finished.
insert into form_row
select
    $source,
    reference,
    request_kind,
    requester,
    read_instant(received_at, $received_at),
    coalesce(name, nullif(concat_ws(' ', given_name, family_name), '')),
    email,
    phone,
    read_date(identity_asked_on, $identity_asked_on),
    read_date(identity_answered_on, $identity_answered_on),
    read_date(extended_on, $extended_on),
    extension_reason,
    read_date(forwarded_on, $forwarded_on),
    read_date(closed_on, $closed_on),
    outcome
from staged
where row_no not in (select row_no from bad_row)
