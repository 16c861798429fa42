-- What everybody who stays is called in the old build, as text. Not in the new one: what was left there by mistake would
-- explain itself. Grain: one row per record. Holds persons.
select
    concat_ws(
        chr(10), record_id, name, email, phone, email_key, phone_key, name_key, role, org_id, org_name, origin, cookie_name,
        relation_key, fault_value
    )
from surviving_record
union all
select concat_ws(chr(10), further.record_id, further.key)
from further
anti join doomed_record on doomed_record.record_id = further.record_id
union all
select concat_ws(chr(10), source, reference, email_key, phone_key, name_key)
from surviving_request_key
union all
select concat_ws(chr(10), environment_key, holder, approver)
from surviving_grant
union all
select address
from surviving_mailing
where address is not null
union all
select address
from surviving_opt_out
where address is not null
