"""The fonts that every sheet is drawn with, and the script that cut them to size."""
