-- The tables of one build of the copy. Holds persons.
-- Ids: org_id = source || ':' || org_key, record_id = dataset || ':' || source_key,
-- basis_id = md5(category | source | smallest source_key of its records), person_id = md5 of the person's smallest identity key.
-- How the columns of records are compressed is said, since to find out takes longer than to do it: for texts that are
-- others in nearly every row, for few words, for days. Digests hardly get shorter.

-- What the build was made of; grain: one row per dataset (the newest export of it).
create table export (
    dataset varchar not null,
    source varchar not null,
    file_digest varchar not null,
    mapping varchar not null,
    exported_at timestamptz not null,
    exported_at_from varchar not null,     -- file_name, file_time, taken_in
    taken_in_at timestamptz not null,
    rows_in bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
);

-- Customers' environments, as the system that runs them tells it: settings and dates, nothing of what is in them.
-- Grain: one row per environment. Holds figures.
create table environment (
    dataset varchar not null,
    source varchar not null,
    environment_key varchar not null,
    org_key varchar,
    contract_key varchar,
    agreement varchar,                     -- reference of the data processing agreement
    has_defaults boolean,                  -- null here and below: not told
    auto_clean boolean,
    period_customised boolean,
    default_days integer,
    period_days integer,
    period_changed_on date,
    cleaned_on date,
    restore_tested_on date,
    closed_on date,
    unread varchar[] not null,             -- fields that are filled and could not be read
);

-- Who may enter which environment by which management account; grain: one row per grant. Holds persons.
create table access_grant (
    dataset varchar not null,
    source varchar not null,
    grant_key varchar not null,
    environment_key varchar,
    holder varchar,                        -- the key or the address of a record of staff; of an erased one its keyed digest
    account varchar,
    purpose varchar,                       -- troubleshoot, assist, other
    ticket varchar,
    approver varchar,                      -- as the holder
    granted_on date,
    valid_until date,
    reviewed_on date,
    revoked_on date,
    holder_erased boolean not null,
    unread varchar[] not null,
);

-- Mailings, each by the address that it was sent to; grain: one row per mailing and address. Holds persons.
create table mailing (
    dataset varchar not null,
    source varchar not null,
    send_key varchar not null,
    mailing_key varchar,                   -- what the mailing is called by in the tool
    address varchar,                       -- null also where is_erased
    sent_on date,
    use varchar,                           -- mailing, selection, analysis, other; null: not told
    is_erased boolean not null,
    erased_on date,                        -- since when, where the suppression list says so
    unread varchar[] not null,
);

-- Who has opted out of mailings in the tool; grain: one row per opt-out. Holds persons.
create table opt_out (
    dataset varchar not null,
    source varchar not null,
    opt_out_key varchar not null,
    address varchar,
    received_on date,
    effective_on date,
    is_erased boolean not null,
    unread varchar[] not null,
);

-- Columns that were left out, with how often each was filled; grain: dataset x category x column. Holds figures.
create table left_out (
    dataset varchar not null,
    source varchar not null,
    category varchar,                      -- null where the column is not about a person's category
    column_name varchar not null,
    field varchar not null,                -- a word of COUNTED_FIELDS, SPECIAL_CATEGORY_FIELDS or personnummer
    filled bigint not null,
    rows bigint not null,
);

-- Grain: dataset x reason. The rows themselves stay out of the copy. Holds figures.
create table quarantined (
    dataset varchar not null,
    source varchar not null,
    reason varchar not null,
    rows bigint not null,
);

create table organisation (
    dataset varchar not null,
    source varchar not null,
    org_id varchar not null,
    org_name varchar,
    stated_status varchar,                 -- open, ended, null
    successor_id varchar,
);

create table contract (
    dataset varchar not null,
    source varchar not null,
    contract_key varchar not null,
    org_id varchar not null,
    starts_on date,
    ends_on date,
    fault_code varchar,
    fault_field varchar,
    fault_value varchar,
    -- As in a record: where the source moved a date, the earlier one stands here, and beside it what the source says.
    moved_build integer,
    moved_field varchar,                   -- contract.starts_on, contract.ends_on
    moved_to date,
    told struct(starts_on date, ends_on date),
);

-- One row of an export about one person, as taken in; grain: one row per record_id.
create table record (
    record_id varchar not null using compression zstd,
    dataset varchar not null using compression dict_fsst,
    source varchar not null using compression dict_fsst,
    source_key varchar not null using compression zstd,
    category varchar not null using compression dict_fsst,
    name varchar using compression zstd,
    email varchar using compression zstd,
    phone varchar,
    email_key varchar using compression zstd,  -- of the first address; the others are in further_identifier
    phone_key varchar,                     -- E.164, of the first number
    name_key varchar using compression zstd,
    role varchar using compression dict_fsst,
    org_id varchar using compression dict_fsst,
    org_name varchar using compression dict_fsst,
    origin varchar using compression dict_fsst,
    stated_status varchar using compression dict_fsst,  -- open, ended, null
    registered_on date using compression bitpacking,
    met_on date using compression bitpacking,
    inbound_on date using compression bitpacking,
    designated_on date using compression bitpacking,
    role_until date using compression bitpacking,
    left_org_on date using compression bitpacking,
    starts_on date using compression bitpacking,
    ends_on date using compression bitpacking,
    replaced_on date using compression bitpacking,
    opted_out_on date using compression bitpacking,
    erased_on date using compression bitpacking,
    set_at timestamptz,
    cookie_name varchar using compression dict_fsst,
    fiscal_year integer,
    relation_key varchar using compression zstd,  -- vouchers: the source_key of their engagement; its keyed digest once it is erased
    fault_code varchar using compression dict_fsst,  -- first impossible date of the row: a Reason
    fault_field varchar using compression dict_fsst,
    fault_value varchar using compression dict_fsst,
    -- Where the source moved or dropped a date that clocks begin with, the row has the one of before: which build saw it,
    -- the first such field, what the source says of it (null: nothing), and all that it says.
    moved_build integer,
    moved_field varchar using compression dict_fsst,
    moved_to date using compression bitpacking,
    told struct(
        registered_on date, designated_on date, left_org_on date, starts_on date, ends_on date, replaced_on date,
        met_on date, inbound_on date
    ),
    -- Of a record that is all there is of its person, and whose entry says nothing but what it says itself: no row is
    -- written for that entry and that person, the views basis and person show this one. Null of all others.
    own_basis_id varchar using compression uncompressed,
    own_person_id varchar using compression uncompressed,
);

-- Addresses and numbers of records whose cell has several; grain: one row per further one.
create table further_identifier (
    record_id varchar not null,
    dataset varchar not null,
    kind varchar not null,                 -- email, phone
    key varchar not null,
);

-- Filled cells in which no address or number could be read; grain: dataset x field. Before the field stands `twice:` for
-- cells whose letters were written twice, `lost:` for those that lack letters. Holds figures.
create table unread_cell (
    dataset varchar not null,
    source varchar not null,
    field varchar not null,
    rows bigint not null,
);

-- Identity keys of the erasure form's rows, to find the requester among the persons; grain: reference x address x number.
create table request_key (
    dataset varchar not null,
    source varchar not null,
    reference varchar not null,
    email_key varchar,
    phone_key varchar,
    name_key varchar,
);

-- Records that came new, as far as holds were on when they did; grain: one row per record_id.
create table arrival (
    record_id varchar not null,
    dataset varchar not null,
    build bigint not null,                 -- the first that had it
);

-- Records that keep the earlier date of one that bore another name, until somebody has said whether it is the same
-- person's; grain: one row per record_id.
create table successor (
    record_id varchar not null,
    dataset varchar not null,
    build integer not null,                -- the record's moved_build
    number integer not null,               -- which of those that the build told of the dataset, from 1
);

-- What has been decided about who is one person; grain: decision x record.
create table decided_record (
    decision_id bigint not null,
    answer varchar not null,               -- same, different
    record_id varchar not null,
    side varchar not null,                 -- one, other
);

-- Persons who may be one, and are two until somebody has decided; grain: one row per pair.
create table possible_double (
    person_a varchar not null,
    person_b varchar not null,
    speaks_for varchar[] not null,         -- email, phone, name, name_part
    speaks_against varchar[] not null,     -- other_name, other_email, other_phone
);

-- Entries that say more than one record does by itself; grain: one row per basis_id.
create table basis_made (
    basis_id varchar not null using compression uncompressed,
    person_id varchar not null using compression uncompressed,
    category varchar not null,
    dataset varchar not null,
    source varchar not null,
    source_key varchar not null using compression zstd,
    records integer not null,
    reclassified_from varchar,             -- CUSTOMER_CONTACT where the organisation never had a contract
    org_id varchar,
    org_name varchar,
    role varchar,
    stated_status varchar,
    registered_on date,                    -- designated_on where there is one
    met_on date,
    inbound_on date,
    left_org_on date,
    starts_on date,
    ends_on date,
    replaced_on date,
    erased_on date,
    set_on date,
    cookie_name varchar,
    fiscal_year integer,
    former_role_since date,
    opted_out_on date,
    fault_code varchar,
    fault_field varchar,
    fault_value varchar,
    moved_dataset varchar,                 -- of its records, as there; the last move where there are several
    moved_build integer,
    moved_field varchar,
    moved_to date,
    told struct(
        registered_on date, left_org_on date, starts_on date, ends_on date, replaced_on date, met_on date, inbound_on date
    ),
    -- Whether it is all there is of its person: what that one is called stands here, and is null of all others.
    is_person boolean not null,
    name varchar using compression zstd,
    email varchar using compression zstd,
    phone varchar,
);

-- Grain: one row per person x category x relationship: what has a clock and gets purged.
create view basis as
select
    own_basis_id as basis_id,
    own_person_id as person_id,
    category,
    dataset,
    source,
    source_key,
    1 as records,
    null as reclassified_from,
    org_id,
    org_name,
    role,
    stated_status,
    registered_on,
    met_on,
    inbound_on,
    left_org_on,
    starts_on,
    ends_on,
    replaced_on,
    erased_on,
    null as set_on,
    cookie_name,
    fiscal_year,
    null as former_role_since,
    opted_out_on,
    fault_code,
    fault_field,
    fault_value,
    null as moved_dataset,
    moved_build,
    moved_field,
    moved_to,
    -- Nothing, of that type: each database has a word of its own for it.
    (select told from basis_made where false) as told
from record
where own_person_id is not null
union all
select
    basis_id,
    person_id,
    category,
    dataset,
    source,
    source_key,
    records,
    reclassified_from,
    org_id,
    org_name,
    role,
    stated_status,
    registered_on,
    met_on,
    inbound_on,
    left_org_on,
    starts_on,
    ends_on,
    replaced_on,
    erased_on,
    set_on,
    cookie_name,
    fiscal_year,
    former_role_since,
    opted_out_on,
    fault_code,
    fault_field,
    fault_value,
    moved_dataset,
    moved_build,
    moved_field,
    moved_to,
    told
from basis_made;

-- Persons whose records are several; grain: one row per person.
create table person_of_several (
    person_id varchar not null,
    name varchar,
    email varchar,
    phone varchar,
    sources integer not null,
    bases integer not null,
);

-- Grain: one row per natural person.
create view person as
select own_person_id as person_id, name, email, phone, 1 as sources, 1 as bases
from record
where own_person_id is not null
union all
select person_id, name, email, phone, 1 as sources, 1 as bases
from basis_made
where is_person
union all
select person_id, name, email, phone, sources, bases
from person_of_several;

-- The records of bases that were put together from several; grain: one row per record_id.
create table merged_record (
    basis_id varchar not null,
    record_id varchar not null,
    dataset varchar not null,
    source varchar not null,
    source_key varchar not null,
);

-- Which rows of which source a basis stands on; grain: one row per record_id.
create view basis_record as
select basis_id, dataset || ':' || source_key as record_id, dataset, source, source_key
from basis
where records = 1
union all
select basis_id, record_id, dataset, source, source_key
from merged_record;

-- Time in which an organisation was a customer: overlapping and adjacent contracts merged, successors' included.
-- Grain: one row per organisation x island. ends_on null = open-ended.
create table island (
    org_id varchar not null,
    starts_on date not null,
    ends_on date,
);

-- The same of organisations of which a contract was moved, if the source were believed; grain: organisation x island.
create table told_island (
    org_id varchar not null,
    starts_on date not null,
    ends_on date,
);

-- Whose time as a customer hangs on contracts that the source moved; grain: organisation x dataset x build.
create table moved_contract (
    org_id varchar not null,
    dataset varchar not null,
    source varchar not null,
    build integer not null,                -- which saw it first
    field varchar not null,
    moved_to date,
);

-- Which person a request's identity keys lead to; grain: reference x person.
create table request_person (
    source varchar not null,
    reference varchar not null,
    person_id varchar not null,
    is_sure boolean not null,              -- false: somebody has to say whether it is this person
    speaks_for varchar[] not null,         -- email, phone, name, name_part
    speaks_against varchar[] not null,     -- other_name, other_email, shared_email, role_mailbox
);

-- How often each kept field is filled; grain: category x source x field. Holds figures.
create table field_count (
    category varchar not null,
    source varchar not null,
    field varchar not null,
    filled bigint not null,
    rows bigint not null,
);
