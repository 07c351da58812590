"""The world of the local Discord: guilds, people and what happens between them."""

from .backend import BackendError, Channel, Guild, Invite, Member, Message, Role, User
from .channel_routes import CHANNEL_ROUTES
from .channels import ChannelActs
from .members import JoinRecord, JoinSource, MemberActs
from .message_routes import MESSAGE_ROUTES
from .messages import SentFile
from .polls import PollActs
from .presence import PresenceActs, activity
from .reactions import ReactionActs
from .routes import GUILD_ROUTES
from .routing import install_routes
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
    "SentFile",
    "Switches",
    "User",
    "World",
    "activity",
]


class World(PollActs, ReactionActs, ChannelActs, PresenceActs, MemberActs):
    """Everything there is; ``SandboxServer`` puts it on a wire, simcord's ``Env`` plays it in process."""


install_routes(World, GUILD_ROUTES, CHANNEL_ROUTES, MESSAGE_ROUTES)
