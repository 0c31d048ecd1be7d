"""Why an act was not done: with each of these, nothing was changed."""


class RegistryLost(Exception):
    """The registry does not answer; whether it did what was asked is not known."""


class Conflict(Exception):
    """Somebody was faster, or the impossible was asked; nothing was changed."""


class Moved(Conflict):
    """What was looked at changed before it could be acted on: look again."""


class NotUnderstood(Conflict):
    """The registry refused the request as one it does not know: it may be of another version."""


class NotPermitted(Conflict):
    """This person or kiosk may not do this: disabled, revoked, or without the role."""


class HandOverOpen(Conflict):
    """This kiosk still has a basket in hand: confirm it or give it up first."""


class SheetInHand(Conflict):
    """The code that came is that of the basket in hand: its sheet lies there again."""


class NoSuchPresentation(Conflict):
    """The act refers to a presentation that this kiosk did not make or that was refused."""


class HandOverClosed(Conflict):
    """The basket was already confirmed or given up."""


class NotInBasket(Conflict):
    """A ticked filing is not, or no longer, in this basket."""


class NothingReleased(Conflict):
    """A confirmation needs at least one ticked or held row."""


class IdempotencyMismatch(Conflict):
    """The same idempotency key came with another request."""


class AlreadyReleased(Conflict):
    """Somebody handed these filings over first."""


class NotHeld(Conflict):
    """The hold was lifted already."""


class NotReleased(Conflict):
    """Only a released filing can be undone."""


class NoSuchHold(Conflict):
    """The vehicle is not kept back at this office, or not any more."""


class NotSeenTo(Conflict):
    """A paper in exchange or a check that this basket asks for is not in the confirmation."""


class NoSuchTicket(Conflict):
    """Nobody waits with that number, or another window was faster."""


class NoSuchReceipt(Conflict):
    """No hand-over of this office has that receipt number."""


class NotOnPlan(Conflict):
    """The registry is away, and this waits until it is back."""


class PlanFull(Conflict):
    """As many filings were released on this day plan as it allows."""


class NoSuchPlan(Conflict):
    """This window was given no such day plan."""


class PlanBroken(Conflict):
    """The journal that a window kept on a day plan does not hold: nobody can tell what happened."""
