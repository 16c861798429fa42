-- How many values of each column of keys a spreadsheet has turned into quantities, and lost. Holds figures.
-- Of long values alone it is asked what long numbers are: in a condition both sides are looked at for every row, here not.
select
    count(*) filter (
        where regexp_full_match(
            columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$'),
            -- A quantity, a date made of 1-3, and what is shown where a column is too narrow.
            '[-+]?[0-9]([.,][0-9]+)?[eE][+][0-9]{2,3}|[-+]?[0-9][.,][0-9]+[eE][0-9]{1,3}|#{3,}'
            || '|(?i)[0-9]{1,2}-(jan|feb|mar|apr|maj|may|mai|jun|jul|aug|sep|okt|oct|nov|dec|dez|des)\.?'
            || '|(?i)(jan|feb|mar|apr|maj|may|mai|jun|jul|aug|sep|okt|oct|nov|dec|dez|des)\.?-[0-9]{2}'
        )
    )
    -- Of a long number a spreadsheet keeps fifteen digits and writes noughts for the others: so do not three by chance.
    + case
        when
            count(*) filter (
                where case
                    when length(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$')) > 15
                        then regexp_full_match(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$'), '[1-9][0-9]{14}0+')
                end
            ) > 2
            and count(*) filter (
                where case
                    when length(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$')) > 15
                        then regexp_full_match(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$'), '[0-9]{15}[0-9]*[1-9][0-9]*')
                end
            ) = 0
            then count(*) filter (
                where case
                    when length(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$')) > 15
                        then regexp_full_match(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference|phone)$'), '[1-9][0-9]{14}0+')
                end
            )
        else 0
    end as "\0"
from raw
