-- Which rows of the export at hand stay out of the copy. A row with several faults gets the first reason.
insert into bad_row
with reasoned as (
    select
        dated.row_no,
        case
            when $record in ('person', 'voucher', 'web_lead', 'organisation', 'environment', 'access_grant', 'mailing', 'opt_out')
                and source_key is null then 'no_key'
            when $record = 'contract' and contract_key is null then 'no_key'
            when $record = 'contract' and org_key is null then 'no_organisation_key'
            when $record = 'erasure_request' and reference is null then 'no_reference'
            when $record = 'erasure_request' and received_at_instant is null then 'no_received'
            when $record = 'web_lead' and cookie_name is null then 'no_cookie'
            when $record = 'person' and coalesce(category_word.category, $category) = 'ENV_USER' then 'env_user'
            when $record = 'person' and erased_on is null
                and name is null and given_name is null and family_name is null and email is null and phone is null
                then 'no_identity'
        end as reason
    from dated
    left join category_word on category_word.word = lower(dated.category)
)
select row_no, reason
from reasoned
where reason is not null
