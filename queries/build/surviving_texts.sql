-- What the new build says of everybody who stayed, as text. Grain: one row per record. Holds persons.
select concat_ws(chr(10), record_id, name, email, phone, email_key, phone_key, name_key, role, org_id, org_name)
from build.record
