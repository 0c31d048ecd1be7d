"""Filings from the application system: files and pushes, row by row, into the registry."""
