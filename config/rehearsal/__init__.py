"""A counter to practise at, with test keys of its own: `python -m config.rehearsal`."""
