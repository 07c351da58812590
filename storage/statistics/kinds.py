"""The words in which the catalogue describes a kind of statistic."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final


class Group(StrEnum):
    """Kinds that are switched on together; the value is the middle of the published switch's name."""

    label: str
    """How people read it."""

    MESSAGES = "messages", "Messages"
    VOICE = "voice", "Voice"
    MEMBERS = "members", "Members"
    ACTIVITIES = "activities", "Activities"
    COMMANDS = "commands", "Commands"
    REMINDERS = "functions_reminders", "Reminders"
    GIVEAWAYS = "functions_giveaways", "Giveaways"
    AUTORESPONDER = "modules_autoresponder", "Autoresponder"
    INVITE_TRACKER = "modules_invite_tracker", "Invites"
    REACTION_ROLES = "modules_reactionroles", "Reaction roles"
    RULES = "modules_rules", "Rules"
    SOCIALS = "modules_socials", "Socials"
    TAGS = "modules_tags", "Tags"
    TEMP_CHANNELS = "modules_tempchannels", "Temporary channels"
    TICKETS = "modules_tickets", "Tickets"
    VERIFIER = "modules_verifier", "Verifier"
    WELCOMING = "modules_welcoming", "Welcoming"
    POLLS = "modules_polls", "Polls"

    def __new__(cls, value: str, label: str) -> "Group":
        """Make the member out of its value and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @property
    def switch(self) -> str:
        """The name of its setting in the published API."""
        return f"stats_{self.value}_enabled"

    @property
    def is_module(self) -> bool:
        """Whether it is about a module or function of a bot rather than about the server itself."""
        return "_" in self.value


class Aggregate(Enum):
    """What a number over many records of a kind is."""

    COUNT = "count"
    """How many there were."""
    SECONDS = "seconds"
    """How long the sessions lasted in all."""
    MEAN = "mean"
    """The mean of a duration."""
    LAST = "last"
    """The latest of a sampled quantity."""


class Source(Enum):
    """Where the records of a kind come from."""

    GATEWAY = "gateway"
    """Discord's own events, and nothing else: nothing counts twice."""
    BOT = "bot"
    """What this bot does itself."""
    INTAKE = "intake"
    """What other software, or a cog in this process, reports."""


class Part(Enum):
    """What a field of a published record shows, or one of a request says."""

    RECORD_ID = "record_id"
    GUILD_ID = "guild_id"
    AT = "at"
    USER_ID = "user_id"
    CHANNEL_ID = "channel_id"
    MESSAGE_ID = "message_id"
    TEXT = "text"
    ACTIVITY_TYPE = "activity_type"
    DURATION = "duration"
    STARTED_AT = "started_at"
    ENDED_AT = "ended_at"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    ACTIVITIES = "activities"
    """All that somebody does, in a request: each would be a record of its own."""
    IS_BOT = "is_bot"
    """Whether it was a bot, in a request: records do not hold it."""


Shape = tuple[tuple[str, Part], ...]
"""The names of fields, in order, and what each is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """How an older generation of the published API reads and reports a kind."""

    key: str
    """Below this it is read."""
    report_key: str
    """Where it is reported."""
    intake: Shape
    """The fields of a request that reports one, besides the guild."""

    @property
    def view_key(self) -> str:
        """Where it is read."""
        return f"{self.key}/view"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of statistic."""

    number: int
    key: str
    group: Group
    title: str
    """The title of its chart, for people."""
    unit: str
    """What is counted or measured, in the plural: "messages", "seconds"."""
    aggregate: Aggregate
    source: Source
    record: str
    """The name of the published record."""
    shape: Shape
    """The fields of the published record, in order, and what of the stored record each shows."""
    intake: Shape | None = None
    """The fields of a request that reports one, besides the guild; None: nobody can report it."""
    intake_of_end: Shape | None = None
    """The fields of a request that reports the end of a session; None: nobody can."""
    legacy: Legacy | None = None
    """The same in an older generation of the published API; None where it did not exist."""
    is_once_each: bool = False
    """Whether it happens once for a user and a text: reported again, it is the same record."""

    @property
    def has_user(self) -> bool:
        """Whether its records name a user, and so can be filtered by one."""
        return self._shows(Part.USER_ID) and self.key not in _WITHOUT_USER_FILTER

    @property
    def has_channel(self) -> bool:
        """Whether its records name a channel, and so can be filtered by one."""
        return self._shows(Part.CHANNEL_ID)

    @property
    def has_text(self) -> bool:
        """Whether its records carry a name that can be ranked: a command, an activity, a trigger."""
        return self._shows(Part.TEXT)

    @property
    def keeps_user(self) -> bool:
        """Whether its records can hold a user, also where the published record does not show them."""
        return self.has_user or self._is_told(Part.USER_ID)

    @property
    def keeps_text(self) -> bool:
        """Whether its records can hold a text, also where the published record does not show it."""
        return self.has_text or self._is_told(Part.TEXT)

    def _is_told(self, part: Part) -> bool:
        told = (*(self.intake or ()), *(self.legacy.intake if self.legacy is not None else ()))
        return any(said is part for _name, said in told)

    def _shows(self, part: Part) -> bool:
        return any(shown is part for _name, shown in self.shape)


# They name a member, but are asked for by the server as a whole.
_WITHOUT_USER_FILTER: Final = frozenset({"members/joined", "members/left"})
