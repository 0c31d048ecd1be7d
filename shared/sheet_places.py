"""Where a machine finds things on a sheet, from the code: issuer and kiosk must agree on it.

Millimetres from the top left corner of the two-dimensional code, on paper printed to scale.
"""

PAGE = (210.0, 297.0)
SYMBOL_SIDE = 60.0
SYMBOL_AT = (132.0, 8.0)
"""The code's own corner, from that of the page."""
HEADING = (-107.0, 2.0, -52.0, 32.0)
"""Left, top, right and bottom of where the middle lies of what looks like a code in the heading:
the mark of the kind, alone or with the lines beside and below it."""
KEY_LEFT = -114.0
"""Where the search key's first character begins."""
KEY_BASELINE = 59.5
KEY_POINTS = 21.0
"""Type size."""
KEY_PITCH = KEY_POINTS / 2 * 25.4 / 72
"""From character to character, the blanks between fours too: all are half an em wide."""
