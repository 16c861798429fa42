-- How many values of each column of keys a spreadsheet has turned into quantities, and lost. Holds figures.
select
    count(*) filter (
        where regexp_full_match(
            columns('^(source_key|contract_key|org_key|successor_key|relation_key|reference|phone)$'),
            '[-+]?[0-9]([.,][0-9]+)?[eE][+][0-9]{2,3}'
        )
    ) as "\0"
from raw
