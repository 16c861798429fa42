-- Where rows that are on the suppression list are found; made only where the list has entries.
create temp table suppressed_hit (
    dataset varchar, source varchar, row_no bigint, suppression_id bigint, batch_id bigint, record_digest varchar,
    name_digest varchar, email_name_digest varchar, phone_digest varchar, still_there boolean, is_undecided boolean,
    kind varchar, stays_out boolean,
);
-- Organisations whose contacts are prospects, since they never had a contract.
create temp table never_customer (org_id varchar);

-- Vouchers that name an erased engagement: whether somebody else has its key is known once everything is loaded.
create temp table unlinked_row (dataset varchar, row_no bigint, source varchar, relation_key varchar);
