"""The world of the local Discord: guilds, people and what happens between them."""

from .backend import BackendError, Channel, Guild, Invite, Member, Message, Role, User
from .members import JoinRecord, JoinSource, MemberActs
from .routes import install_routes
from .state import RestRequest
from .switches import RestFault, RouteLimit, Switches

__all__ = [
    "BackendError",
    "Channel",
    "Guild",
    "Invite",
    "JoinRecord",
    "JoinSource",
    "Member",
    "Message",
    "RestFault",
    "RestRequest",
    "Role",
    "RouteLimit",
    "Switches",
    "User",
    "World",
]


class World(MemberActs):
    """Everything there is; ``SandboxServer`` puts it on a wire, simcord's ``Env`` plays it in process."""


install_routes(World)
