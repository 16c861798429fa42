-- What a build lacks that was made before environments and grants were taken in, empty.
create table environment (
    dataset varchar, source varchar, environment_key varchar, org_key varchar, contract_key varchar, agreement varchar,
    has_defaults boolean, auto_clean boolean, period_customised boolean, default_days integer, period_days integer,
    period_changed_on date, cleaned_on date, restore_tested_on date, closed_on date, unread varchar[]
);
create table access_grant (
    dataset varchar, source varchar, grant_key varchar, environment_key varchar, holder varchar, account varchar,
    purpose varchar, ticket varchar, approver varchar, granted_on date, valid_until date, reviewed_on date,
    revoked_on date, holder_erased boolean, unread varchar[]
);
