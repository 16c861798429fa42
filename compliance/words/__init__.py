"""The ground floor: vocabulary, refusals, settings, rules, deadlines, texts, queries, files and keys. It knows nobody."""
