-- The date columns that the export at hand has, in its order. Grain: column. Holds figures.
select name
from pragma_table_info('raw')
where name in (
    'registered_on', 'met_on', 'inbound_on', 'designated_on', 'role_until', 'left_org_on', 'starts_on', 'ends_on',
    'replaced_on', 'opted_out_on', 'erased_on', 'identity_asked_on', 'identity_answered_on', 'extended_on',
    'forwarded_on', 'closed_on', 'period_changed_on', 'cleaned_on', 'restore_tested_on', 'granted_on', 'valid_until',
    'reviewed_on', 'revoked_on', 'sent_on', 'effective_on', 'set_at', 'received_at'
)
order by cid
