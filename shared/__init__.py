"""The words everybody uses, and what both web processes need."""
