-- Whether there is anything to do for what few copies hold, once records are tied: records that are tied, vouchers,
-- persons of several records, what two persons share, and requests. Each statement for it costs a small build as much without.
select
    exists (from label) as tied,
    exists (from build.record where category = 'VOUCHER') as vouchers,
    exists (from met) as several,
    exists (from split) as shared,
    exists (from build.record where moved_build is not null) as moved,
    exists (from build.request_key) as requested
