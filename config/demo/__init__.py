"""A whole installation with invented people, for trying things out: `python -m config.demo`."""
