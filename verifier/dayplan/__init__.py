"""Day plan 計画: what a window may release by itself while its registry is away for hours.

The registry deals an office's ready filings out to its windows (`dealing`) and gives each a small
registry of its own (`extracting`), encrypted for that window and signed (`envelope`). The window
works on it with the same `Counter` (`local`), and what it did comes back as a chain of entries
that the registry checks (`returning`) and sets against what it knows (`reconciling`).
"""
