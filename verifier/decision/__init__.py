"""The judgement: evidence in, verdict out. No clock, no database, no web (held by contract)."""
