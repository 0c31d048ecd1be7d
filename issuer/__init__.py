"""The public portal: makes sheets; knows no password and no registry of receivers."""
