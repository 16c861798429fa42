-- How many cells of the staged rows that stay are to say yes or no to mailings, and say neither. Grain: one row. Holds
-- figures.
select count(*) as rows
from staged
where row_no not in (select row_no from bad_row)
    and mail_consent is not null
    and lower(mail_consent) not in (select word from common_word where kind = 'mail')
