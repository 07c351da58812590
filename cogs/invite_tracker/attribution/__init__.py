"""Who came through which invite, decided from counters and times: pure rules without clock or I/O."""

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.ledger import Ledger, Request
from cogs.invite_tracker.attribution.rises import AuditDeletion, VanishedInvite
from cogs.invite_tracker.attribution.verdicts import Decision, Verdict

__all__ = ["AuditDeletion", "Bounds", "Decision", "Ledger", "Request", "VanishedInvite", "Verdict"]
