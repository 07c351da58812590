"""What the modules need in a server, as they say themselves: plain data that the checks hold against the server.

A feature package offers it in a module `doctor`, with
`async def fetch_needs(rx: ReadTransaction, guild_id: int) -> tuple[Need, ...]`.
It is found by its name, as nothing here may know the features; what is not switched on needs nothing.
The texts are in the language of the context.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

from bot.doctor.findings import Severity
from bot.text.language import _
from storage.database import ReadTransaction


@dataclass(frozen=True, slots=True)
class PermissionNeed:
    """A permission in the whole server."""

    permission: str
    """As discord.py calls it."""
    lost: str
    """What is lost without it, one sentence."""
    is_vital: bool = False
    """Whether something does not work at all without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNeed:
    """A channel that is used, and what must be allowed there."""

    channel_id: int
    purpose: str
    """What the channel is for, as a heading: `Join messages`."""
    permissions: tuple[str, ...]
    lost: str
    when_gone: str
    """What to do when the channel is gone."""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleNeed:
    """A role that is used."""

    role_id: int
    purpose: str
    lost: str
    when_gone: str
    must_be_below: bool = False
    """Whether the bot gives or takes it: Discord allows that only of roles below its own highest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachNeed:
    """What the bot should have in every channel that people write in, although it works where it has it."""

    permission: str
    lost: str
    left_out_ids: frozenset[int] = frozenset()
    """Channels and categories that do not matter."""


@dataclass(frozen=True, slots=True)
class IntentNeed:
    """A privileged intent: `members`, `presences` or `message_content`."""

    intent: str
    lost: str


@dataclass(frozen=True, slots=True)
class RenameWait:
    """A channel whose name must be left alone until then; UTC epoch milliseconds, which may be over."""

    channel_id: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that the module found wrong in its own settings."""

    check: str
    severity: Severity
    subject: str
    sentence: str
    meaning: str = ""
    advice: str = ""


Need = PermissionNeed | ChannelNeed | RoleNeed | ReachNeed | IntentNeed | RenameWait | Remark


async def fetch_needs(rx: ReadTransaction, extensions: Sequence[str], guild_id: int) -> tuple[Need, ...]:
    """Return what all features together need in this guild; of one whose settings cannot be read, that they cannot."""
    needs: list[Need] = []
    for extension in extensions:
        module = f"{extension}.doctor"
        if not _exists(module):
            continue
        try:
            needs += await importlib.import_module(module).fetch_needs(rx, guild_id)
        except ValueError:  # of pydantic, of JSON, and of an enumeration that does not know a value
            needs.append(_unreadable_settings(extension.rpartition(".")[2]))
    return tuple(needs)


def _unreadable_settings(feature: str) -> Remark:
    return Remark(
        check="settings_unreadable",
        severity=Severity.ERROR,
        subject=feature,
        sentence=_("Its settings of this server, as they are stored, cannot be read."),
        meaning=_("It does not work in this server."),
        advice=_("The operator of the bot restores a backup, or installs the version that wrote them."),
    )


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        # A feature that is a single file has no modules of its own.
        return False


def log_channel_need(channel_id: int) -> ChannelNeed:
    """Return what the log channel of a server needs; it belongs to no module."""
    return ChannelNeed(
        channel_id=channel_id,
        purpose=_("Log channel"),
        permissions=("view_channel", "send_messages", "embed_links"),
        lost=_("Changes of settings are told nowhere."),
        when_gone=_("Choose another channel with `/settings`."),
        severity=Severity.WARNING,
    )
