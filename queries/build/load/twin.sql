-- What the new build says in words of persons, uncompressed and in the clear, so that its bytes can be searched. Dates,
-- numbers, digests and words of the vocabulary are left out: no person's string can be in them. Each value ends with its
-- line, or the end of one and the beginning of the next might make a number that is neither's. The strings of the variable
-- control are known to be there: a search that does not find them proves nothing.
create table twin.record as
select columns(*) || chr(10)
from (
    select
        record_id, name, email, phone, email_key, phone_key, name_key, role, org_id, org_name, origin,
        cookie_name, relation_key, fault_value
    from build.record
);
create table twin.basis_made as
select columns(*) || chr(10)
from (
    select source_key, org_id, org_name, role, cookie_name, fault_value, name, email, phone
    from build.basis_made
);
create table twin.person_of_several as
select columns(*) || chr(10) from (select name, email, phone from build.person_of_several);
create table twin.merged_record as
select columns(*) || chr(10) from (select record_id, source_key from build.merged_record);
create table twin.further_identifier as
select columns(*) || chr(10) from (select record_id, key from build.further_identifier);
create table twin.decided_record as select record_id || chr(10) as record_id from build.decided_record;
create table twin.arrival as select record_id || chr(10) as record_id from build.arrival;
create table twin.successor as select record_id || chr(10) as record_id from build.successor;
create table twin.request_key as select columns(*) || chr(10) from build.request_key;
create table twin.access_grant as
select columns(*) || chr(10)
from (select grant_key, environment_key, holder, account, ticket, approver from build.access_grant);
create table twin.mailing as
select columns(*) || chr(10) from (select send_key, mailing_key, address from build.mailing);
create table twin.opt_out as select columns(*) || chr(10) from (select opt_out_key, address from build.opt_out);
create table twin.control as select unnest(getvariable('control')) as text;
