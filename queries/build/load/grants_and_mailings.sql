-- Whether there are grants, and mailings or opt-outs, to go into the build. Holds figures.
select
    exists (from told_grant) as grants,
    exists (from told_mailing) or exists (from told_opt_out) as mailings
