"""Where everything lies on the page: millimetres from the top left corner of an A4 sheet.

One set of figures for PDF, SVG, PNG and the browser's print, so that a clerk finds the same thing
in the same place whichever road the paper took.

Folds. The symbol measures 60 mm and its quiet zone four modules a side, 3.7 mm (version 12) to
5.9 mm (version 6), so 67.4 to 71.7 mm together. Crosswise folds (the creases run along the short
side) lie at 148.5 (half), 99 and 198 (thirds), 74.25 and 222.75 mm (quarters); lengthwise ones at
105, 70 and 140, 52.5 and 157.5 mm.

* Symbol and quiet zone are clear of the halves both ways, of the crosswise thirds (a letter in a
  long envelope) and of the quarters that come from halving twice (A4 to A6): 6.1 to 78 mm from the
  top and 129 to 201 mm from the left at most.
* The crosswise quarter at 74.25 mm misses the symbol by 2.25 mm but runs through its quiet zone. To
  clear that as well, 71.7 of 74.25 mm would have to stay free, and the ink would begin 8.4 mm from
  the paper's edge instead of 12.
* Lengthwise thirds and quarters cannot be cleared at this size: with 12 mm of margin they leave
  strips of 58 mm (12 to 70) and 40.5 mm (12 to 52.5).
"""

from dataclasses import dataclass

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0
EDGE = 12.0
"""No ink nearer to the edge of the paper; home printers lose up to 12 mm at the foot."""
LEFT = 15.0
RIGHT = PAGE_WIDTH - LEFT

SYMBOL_SIDE = 60.0
SYMBOL_LEFT = RIGHT - SYMBOL_SIDE
SYMBOL_TOP = EDGE
"""Top right: a staple in the top left corner, where Japanese papers are bound, misses it."""
QUIET_MODULES = 4
"""ISO/IEC 18004, 5.3.8."""
SMALLEST_MODULE = 0.6

HALVES = (148.5,)
THIRDS = (99.0, 198.0)
QUARTERS = (74.25, 222.75)
LENGTHWISE_HALF = 105.0

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
