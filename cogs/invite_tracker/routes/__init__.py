"""The invite tracker over HTTP: requests are translated to use cases, and back."""

from cogs.invite_tracker.routes import intake, invitelogger, links, module, statistics

ROUTERS = (module.router, links.router, statistics.router, intake.router, invitelogger.router)
