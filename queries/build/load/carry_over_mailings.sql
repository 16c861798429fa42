-- Mailings and opt-outs of datasets that this run has no newer export of, from builds that have them.
insert into told_mailing by name select * from old.mailing where dataset in (from carried);
insert into told_opt_out by name select * from old.opt_out where dataset in (from carried)
