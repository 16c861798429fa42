-- What stands beside a build on the day it is read: the rules, and the register's facts.
create table evaluation (as_of date not null, build bigint not null);
create table rule (
    category varchar not null,
    start_event varchar not null,
    period_months integer,
    period_days integer,
    period varchar not null,
    ground varchar not null,
    purpose varchar not null,
    owner varchar not null,
    approval varchar not null,
    section varchar not null,
    statutory_years integer,
);
create table allowed_field (category varchar not null, field varchar not null);
-- Holds of one number are one hold, on several ids.
create table hold (
    hold_id bigint not null,
    scope varchar not null,
    scope_key varchar not null,
    placed_on date not null,
    released_on date,
);
create table open_request (source varchar not null, reference varchar not null);
-- Dates that sources moved and that were accepted: theirs count. The number tells those of one person alone; 0 is all
-- others of that build.
create table accepted_move (dataset varchar not null, build integer not null, number integer not null);
-- Of one person alone, where the earlier date was said to be that person's.
create table kept_move (dataset varchar not null, build integer not null, number integer not null);
-- Entries with a date that may be somebody else's, as the build asks of it; grain: one row per basis_id x dataset x build.
create table entry_successor (
    basis_id varchar not null,
    dataset varchar not null,
    build integer not null,
    number integer not null,
);
create table request_choice (
    source varchar not null,
    reference varchar not null,
    person_id varchar not null,
    verdict varchar not null,              -- confirmed, rejected, found
    is_same boolean not null,              -- false: a record of the same key that has another name now
    spoke_for varchar not null,            -- what spoke for the person then, joined by commas
);
-- Open requests whose sender is found no longer, with what that keeps from being purged: what came new in that build or
-- later, from that source (null: any), in that category.
create table request_loss (
    source varchar not null,
    reference varchar not null,
    build bigint not null,
    its_source varchar,
    category varchar,
);
-- Whom each request may be about; grain: reference x person.
create table request_candidate (
    source varchar not null,
    reference varchar not null,
    person_id varchar not null,
    is_sure boolean not null default true,
    speaks_for varchar[] not null default [],
    speaks_against varchar[] not null default [],
    verdict varchar,                       -- confirmed, rejected; null: that is still to be said
);
-- Whom somebody searches for; each connection that is asked for them has its own.
create table sought (person_id varchar not null);
create table open_request_person (person_id varchar not null);
-- What lost holds keep from being purged: what came new in that build or later, from that source (null: any), in that
-- category.
create table hold_loss (build bigint not null, source varchar, category varchar);
-- The same of decisions on who is one person that have lost somebody.
create table identity_loss (decision_id bigint not null, build bigint not null, source varchar, category varchar);
-- Who is marked by the register: restricted, opted out of mailings, objected to what rests on a legitimate interest.
create table marked (
    person_id varchar not null,
    is_restricted boolean not null,
    is_opted_out boolean not null,
    has_objected boolean not null,
);
-- What restrictions that are lost keep from being purged, as holds do.
create table mark_loss (build bigint not null, source varchar, category varchar);
-- What became of the entries that a bridge starts from, and how others came to be overdue since (bridge_entries.sql).
create table bridge_entry (start_number integer not null, basis_id varchar not null, cause varchar not null);
