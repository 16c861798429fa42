-- Whether PostgreSQL spreads tables over several hosts, by the functions of Citus. Grain: one row.
select to_regproc('create_distributed_table') is not null as distributes
