"""What statistics, counters and the starboard need in a server, for the doctor."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.doctor.findings import Severity
from bot.doctor.needs import (
    ChannelNeed,
    IntentNeed,
    Need,
    PermissionNeed,
    ReachNeed,
    Remark,
    RenameWait,
    RoleNeed,
)
from bot.text.language import _
from cogs.serverstats.counters.counter_types import CounterType, kind_of
from cogs.serverstats.counters.renaming import rename_from_ms
from cogs.serverstats.settings import MODULE, ServerstatsSettings
from storage.counters import Counter, fetch_counters
from storage.database import ReadTransaction
from storage.guild_modules import fetch_module
from storage.starboard import fetch_boards
from storage.starboard_records import Board
from storage.statistics.catalogue import Group

_TO_RENAME: Final = ("view_channel", "connect", "manage_channels")
_TO_POST: Final = ("view_channel", "send_messages", "embed_links", "read_message_history")
_TO_ANNOUNCE: Final = ("view_channel", "send_messages")


async def fetch_needs(rx: ReadTransaction, guild_id: int) -> tuple[Need, ...]:
    """Return what is needed here now; nothing while the module is not enabled."""
    module = await fetch_module(rx, guild_id, MODULE)
    if module is None:
        return ()
    settings = ServerstatsSettings.model_validate_json(module.settings)
    needs = list(_statistics(settings))
    if settings.counters_enabled:
        needs += _counters(settings, await fetch_counters(rx, guild_id))
    if settings.starboard_enabled:
        needs += _starboard(await fetch_boards(rx, guild_id))
    if not needs:
        return (
            Remark(
                check="nothing_recorded",
                severity=Severity.NOTE,
                subject=_("Serverstats"),
                sentence=_("It is enabled, and everything in it is off."),
                advice=_("Choose what is recorded with `/serverstats settings`."),
            ),
        )
    return tuple(needs)


def _statistics(settings: ServerstatsSettings) -> Iterator[Need]:
    groups = settings.enabled_groups
    if not groups:
        return
    yield PermissionNeed("attach_files", _("Statistics come as figures only, without charts."))
    if Group.MESSAGES in groups:
        yield ReachNeed(
            permission="view_channel",
            lost=_("Messages there are not counted."),
            left_out_ids=settings.ignored_channel_ids,
        )
    if Group.ACTIVITIES in groups:
        yield IntentNeed("presences", _("Statuses and activities are not recorded."))
    if Group.POLLS in groups:
        yield IntentNeed("message_content", _("Of polls only the votes are counted."))


def _counters(settings: ServerstatsSettings, counters: Sequence[Counter]) -> Iterator[Need]:
    lost = _("Counters cannot be made or renamed.")
    yield PermissionNeed("manage_channels", lost, is_vital=bool(counters))
    yield PermissionNeed("connect", lost, is_vital=bool(counters))
    if settings.counters_category_id is not None:
        yield ChannelNeed(
            channel_id=settings.counters_category_id,
            purpose=_("The category of the counters"),
            permissions=("view_channel", "manage_channels"),
            lost=_("No counter can be made in it."),
            when_gone=_(
                "Its counters were deleted with it; make new ones with `/serverstats counter create`."
            ),
            severity=Severity.WARNING,
        )
    for counter in counters:
        yield from _counter(counter)


def _counter(counter: Counter) -> Iterator[Need]:
    counter_type = CounterType(counter.counter_type)
    kind = kind_of(counter_type)
    purpose = _("Counter “{title}”", title=_(kind.title))
    yield ChannelNeed(
        channel_id=counter.channel_id,
        purpose=purpose,
        permissions=_TO_RENAME,
        lost=_("The counter stays as it is."),
        when_gone=_(
            "The bot forgets the counter by itself; make a new one with `/serverstats counter create`."
        ),
    )
    if counter.announce_channel_id is not None and counter.goal_reached_at_ms is None:
        yield ChannelNeed(
            channel_id=counter.announce_channel_id,
            purpose=_("The goal of the counter “{title}”", title=_(kind.title)),
            permissions=_TO_ANNOUNCE,
            lost=_("Nobody is told when the goal is reached."),
            when_gone=_("Choose another channel with `/serverstats counter edit`."),
        )
    # Everybody has the role that has the id of the server.
    if kind.needs_role and counter.role_id is not None and counter.role_id != counter.guild_id:
        yield RoleNeed(
            role_id=counter.role_id,
            purpose=purpose,
            lost=_("The counter stays as it is."),
            when_gone=_("Choose another role with `/serverstats counter edit`."),
        )
        if counter_type is CounterType.MEMBERS_WITH_ROLE:
            yield PermissionNeed("manage_roles", _("The members of a role cannot be counted."), is_vital=True)
    if kind.needs_presences:
        yield IntentNeed("presences", _("The counter “{title}” does not work.", title=_(kind.title)))
    elif kind.watches_presences:
        yield IntentNeed(
            "presences", _("The counter “{title}” shows an estimate of Discord's.", title=_(kind.title))
        )
    yield RenameWait(counter.channel_id, rename_from_ms(counter))


def _starboard(boards: Sequence[Board]) -> Iterator[Need]:
    if not boards:
        return
    yield PermissionNeed(
        "read_message_history",
        _("Stars cannot be counted: nothing reaches a starboard."),
        is_vital=True,
    )
    left_out = frozenset.intersection(*(board.ignored_channel_ids for board in boards))
    yield ReachNeed(
        permission="read_message_history", lost=_("Stars there do not count."), left_out_ids=left_out
    )
    yield IntentNeed("message_content", _("The starboard shows links without text."))
    for board in boards:
        yield ChannelNeed(
            channel_id=board.channel_id,
            purpose=_("Starboard"),
            permissions=_TO_POST,
            lost=_("Posts of this starboard wait until then."),
            when_gone=_(
                "The bot forgets the starboard by itself; make a new one with `/serverstats starboard add`."
            ),
        )
