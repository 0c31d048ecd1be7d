"""What the verifier reads and writes of the registry: functions that take a Session.

They never commit; the verbs of `verifier.counter` do, one transaction each.
"""
