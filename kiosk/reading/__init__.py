"""From a grey picture to the text of a code, and what to tell the person who holds the sheet."""
