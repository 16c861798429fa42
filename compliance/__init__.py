"""What the company promises about personal data, made visible and carried out.

One word per area, the same in every place: compliance/<area>, pages/<area>, queries/<area>, tests/<area>. In an area,
`tables` are its rows of the register and nobody else writes them, `verbs` are what changes, each with its ledger line
in the same transaction, `rows` are what its pages and extracts show, `view` is its only Streamlit, `texts.toml` its
words. Imports point downwards, floor by floor: the contracts in pyproject.toml say which, and docs/architecture.md
draws them.
"""
