"""A kiosk's way to a registry elsewhere: the verbs of `verifier.counter.Counter` over HTTP."""

from verifier.client.line import Line, Patience
from verifier.client.remote import RemoteCounter

__all__ = ["Line", "Patience", "RemoteCounter"]
