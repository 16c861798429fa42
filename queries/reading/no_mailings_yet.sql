-- What a build lacks that was made before mailings and opt-outs were taken in, empty.
create table mailing (
    dataset varchar, source varchar, send_key varchar, mailing_key varchar, address varchar, sent_on date, use varchar,
    is_erased boolean, erased_on date, unread varchar[]
);
create table opt_out (
    dataset varchar, source varchar, opt_out_key varchar, address varchar, received_on date, effective_on date,
    is_erased boolean, unread varchar[]
);
