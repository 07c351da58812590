"""The only file that imports simcord; everything else takes its pieces from here.

simcord's internals change in every patch release, so it is pinned to one version and touched in one place.
"""

from simcord._clock import Clock as BackendClock
from simcord.actors import MemberActor
from simcord.backend import Backend, models, permissions, serializers
from simcord.backend.access import channel_accessible
from simcord.backend.cdn import CdnStore
from simcord.backend.errors import BackendError, SetupError
from simcord.backend.models import (
    Channel,
    Guild,
    Invite,
    Member,
    Message,
    MessageSticker,
    Overwrite,
    Poll,
    PollAnswer,
    Reaction,
    Role,
    User,
)
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle, UserHandle
from simcord.enums import ChannelType, MessageType, OverwriteType
from simcord.env import Env
from simcord.http.router import (
    _ROUTES as ROUTE_TABLE,
)
from simcord.http.router import (
    RequestContext,
    RouteNotImplemented,
    UnsupportedField,
    dispatch,
    parse_form,
)
from simcord.intents import (
    EVENT_INTENTS,
    PRIVILEGED_INTENTS,
    censor_message,
)
from simcord.results import InteractionResult, ResponseMessage

__all__ = [
    "EVENT_INTENTS",
    "PRIVILEGED_INTENTS",
    "ROUTE_TABLE",
    "Backend",
    "BackendClock",
    "BackendError",
    "CdnStore",
    "Channel",
    "ChannelHandle",
    "ChannelType",
    "Env",
    "Guild",
    "GuildHandle",
    "InteractionResult",
    "Invite",
    "Member",
    "MemberActor",
    "Message",
    "MessageSticker",
    "MessageType",
    "Overwrite",
    "OverwriteType",
    "Poll",
    "PollAnswer",
    "Reaction",
    "RequestContext",
    "ResponseMessage",
    "Role",
    "RoleHandle",
    "RouteNotImplemented",
    "SetupError",
    "UnsupportedField",
    "User",
    "UserHandle",
    "censor_message",
    "channel_accessible",
    "dispatch",
    "models",
    "parse_form",
    "permissions",
    "serializers",
]
