"""Backups of a registry: one signed file, made while it is in use, that fits either database."""
