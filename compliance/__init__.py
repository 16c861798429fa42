"""What the company promises about personal data, made visible and carried out.

Imports point one way: pages -> `ui` -> what we do (intake, review, backlog, extract) -> what we keep (copy,
register, ledger) -> what we hold true (policy, deadlines, vocabulary, texts). tests/test_layers.py holds it.
"""
