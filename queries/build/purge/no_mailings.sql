-- What stands for the mailings and opt-outs of a build of an earlier version.
create or replace temp table surviving_mailing (send_key varchar, mailing_key varchar, address varchar);
create or replace temp table surviving_opt_out (opt_out_key varchar, address varchar)
