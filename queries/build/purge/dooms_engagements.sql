-- Whether anybody goes who was employed or engaged. Grain: one row. Holds figures.
select exists (from doomed where category in ('EMPLOYEE', 'CONTRACTOR')) as dooms_engagements
