-- Which rows of the export at hand, of any kind but requests, stay out of the copy. A row with several faults gets the
-- first reason.
insert into bad_row
with reasoned as (
    select
        row_no,
        case
            when $record in ('person', 'voucher', 'web_lead', 'organisation', 'environment', 'access_grant', 'mailing', 'opt_out')
                and source_key is null then 'no_key'
            when $record = 'contract' and contract_key is null then 'no_key'
            when $record = 'contract' and org_key is null then 'no_organisation_key'
            when $record = 'web_lead' and cookie_name is null then 'no_cookie'
            when $record = 'person' and coalesce(category_word.category, $category) = 'ENV_USER' then 'env_user'
            -- A group's row or a total has a figure where others have a name, and nobody is called that.
            when row_no in (select row_no from nobody) and (erased_on is null or nothing.is_missing) then 'no_identity'
        end as reason
    from staged
    left join category_word on category_word.word = lower(staged.category)
    -- A word that says that there is no date says that nobody was erased.
    left join date_reading as nothing on nothing.field = 'erased_on' and nothing.text = date_key(staged.erased_on)
)
select row_no, reason
from reasoned
where reason is not null
