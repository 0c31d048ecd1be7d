"""Where everything lies on the page: millimetres from the top left corner of an A4 sheet.

One set of figures for PDF, SVG, PNG and the browser's print, so that a clerk finds the same thing
in the same place whichever road the paper took.

Folds. The symbol measures 60 mm and its quiet zone four modules a side: 3.7 mm (version 12) to
5.9 mm (version 6), more modules making it narrower. Together that is 71.7 mm at most.

* Crosswise (the crease runs along the short side) halves, thirds and quarters lie at 148.5, at 99
  and 198, at 74.25 and 222.75 mm. Only the first and the last quarter of the page are wide enough
  for 71.7 mm, and the last one loses 12 mm to home printers. In the first one the symbol begins
  8 mm from the edge: printers lose at most 5 mm there, and the unprinted border is white, which is
  all a quiet zone has to be. Then every crosswise crease is clear, by 0.4 mm (version 6) to 2.6 mm.
* The lengthwise half, at 105 mm, is clear by 21 mm. So whoever halves the page three times (A4 to
  A7), folds it in three for a long envelope or pleats it in four never creases the symbol.
* Lengthwise thirds (70 and 140 mm) and quarters (52.5 and 157.5 mm) cannot all be cleared: the
  strips between the creases are at most 52.5 mm wide. Clearing the half and the thirds alone asks
  for the 70 mm beyond 140: version 6 does not fit, and with the others the ink would end 5 mm from
  the edge, where a printer that pulls the paper in askew cuts off a column. So a page folded
  lengthwise in three, or halved a fourth time (A8), has a crease in the symbol. It runs where that
  does least: the symbol begins 8 mm before the crease at 140, which thus meets a white column of
  the finder patterns (version 6) or misses them (8 and up). Toner rubbed off a millimetre wide
  leaves every sheet readable; a test shows it.
"""

from dataclasses import dataclass

from shared.sheet_places import KEY_BASELINE, KEY_LEFT, PAGE, SYMBOL_AT, SYMBOL_SIDE

PAGE_WIDTH, PAGE_HEIGHT = PAGE
EDGE = 12.0
"""No ink nearer to the sides and the foot; home printers lose up to 12 mm at the foot."""
TOP = 8.0
"""No ink nearer to the top; see Folds."""
LEFT = 18.0
RIGHT = PAGE_WIDTH - LEFT

SYMBOL_LEFT, SYMBOL_TOP = SYMBOL_AT
"""Top right: a staple in the top left corner, where Japanese papers are bound, misses it."""
QUIET_MODULES = 4
"""ISO/IEC 18004, 5.3.8."""
SMALLEST_MODULE = 0.6

HALVES = (148.5,)
THIRDS = (99.0, 198.0)
QUARTERS = (74.25, 222.75)
LENGTHWISE_HALF = 105.0
LENGTHWISE_THIRDS = (70.0, 140.0)
LENGTHWISE_QUARTERS = (52.5, 157.5)

RULE_LENGTH = 50.0


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle on the page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Distance of its right side from the left edge of the page."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Distance of its lower side from the top edge of the page."""
        return self.top + self.height

    def grown(self, by: float) -> "Box":
        """The same box with a border of that width around it."""
        return Box(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)


SYMBOL = Box(SYMBOL_LEFT, SYMBOL_TOP, SYMBOL_SIDE, SYMBOL_SIDE)
SEARCH_KEY = Box(SYMBOL.left + KEY_LEFT, SYMBOL.top + KEY_BASELINE - 6.5, 71.0, 7.5)
"""Around the sixteen digits in fours and nothing else."""
SEARCH_KEY_BASELINE = SYMBOL.top + KEY_BASELINE
