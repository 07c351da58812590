"""Who came through which invite, decided from what the counters show and when: pure rules without clock, I/O or Discord objects."""

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.ledger import Ledger, Request
from cogs.invite_tracker.attribution.rises import AuditDeletion, VanishedInvite
from cogs.invite_tracker.attribution.verdicts import Decision, Verdict

__all__ = ["AuditDeletion", "Bounds", "Decision", "Ledger", "Request", "VanishedInvite", "Verdict"]
