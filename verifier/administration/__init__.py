"""What administrators and supervisors change about the installation; each change is journalled."""
