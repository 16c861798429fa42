"""The ground floor: vocabulary, refusals, settings, rules, deadlines, texts, queries, files, keys. It knows nobody."""
