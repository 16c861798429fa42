-- What stands for the grants of a build of an earlier version.
create or replace temp table surviving_grant (
    grant_key varchar, environment_key varchar, holder varchar, account varchar, ticket varchar, approver varchar
)
