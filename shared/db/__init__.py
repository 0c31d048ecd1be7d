"""The registry's tables, sessions and migrations; functions take a Session, never commit."""
