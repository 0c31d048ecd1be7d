"""The registry's keeper: judges sheets, hands papers over exactly once, keeps the journal."""
