"""What the invite tracker needs in a server, for the doctor."""

from typing import Final

from bot.doctor.findings import Severity
from bot.doctor.needs import ChannelNeed, Need, PermissionNeed, Remark, RoleNeed
from bot.text.language import N_, _
from cogs.invite_tracker.leaderboard.schedule import Schedule
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from storage.database import ReadTransaction
from storage.guild_modules import fetch_module
from storage.joiner_roles import fetch_joiner_roles

_PERMISSIONS: Final = (
    ("manage_guild", N_("Discord hides how often invites were used: no join is attributed."), True),
    (
        "view_audit_log",
        N_("Joins by links that end with a last use stay open, and who added a bot stays unknown."),
        False,
    ),
    ("manage_channels", N_("New and deleted invites are noticed only at the next fetch."), False),
    ("create_instant_invite", N_("Invites cannot be made by command."), False),
)
_JOIN_MESSAGES: Final = N_("Join messages")
_LEAVE_MESSAGES: Final = N_("Leave messages")
_NO_ROLES: Final = N_("Newcomers do not get the roles of their links.")
_NO_JOIN_MESSAGES: Final = N_("Join messages are not sent.")
_NO_LEAVE_MESSAGES: Final = N_("Leave messages are not sent.")
_CHOOSE_FOR_JOINS: Final = N_("Choose a channel with `/invite_tracker settings join_message`.")
_CHOOSE_FOR_LEAVES: Final = N_("Choose a channel with `/invite_tracker settings leave_message`.")
_LEADERBOARD: Final = N_("Leaderboard")
_NO_LEADERBOARD: Final = N_("The leaderboard is not posted.")
_CHOOSE_FOR_LEADERBOARD: Final = N_("Choose a channel with `/invite_tracker settings leaderboard`.")


async def fetch_needs(rx: ReadTransaction, guild_id: int) -> tuple[Need, ...]:
    """Return what is needed here now; nothing while the module is not enabled."""
    module = await fetch_module(rx, guild_id, MODULE)
    if module is None:
        return ()
    settings = InviteTrackerSettings.model_validate_json(module.settings)
    needs: list[Need] = [PermissionNeed(name, _(lost), is_vital) for name, lost, is_vital in _PERMISSIONS]
    if settings.join_messages_enabled:
        needs.append(
            _message_need(
                settings.join_messages_channel,
                _(_JOIN_MESSAGES),
                _(_NO_JOIN_MESSAGES),
                _(_CHOOSE_FOR_JOINS),
                is_embed=settings.join_message_is_embed,
            )
        )
    if settings.leave_messages_enabled:
        needs.append(
            _message_need(
                settings.leave_messages_channel,
                _(_LEAVE_MESSAGES),
                _(_NO_LEAVE_MESSAGES),
                _(_CHOOSE_FOR_LEAVES),
                is_embed=settings.leave_message_is_embed,
            )
        )
    if settings.leaderboard_schedule is not Schedule.OFF:
        needs.append(
            _message_need(
                settings.leaderboard_channel,
                _(_LEADERBOARD),
                _(_NO_LEADERBOARD),
                _(_CHOOSE_FOR_LEADERBOARD),
                is_embed=True,
            )
        )
    rules = await fetch_joiner_roles(rx, guild_id)
    role_ids = dict.fromkeys(rule.role_id for rule in rules if not rule.is_given_by_discord)
    if role_ids:
        needs.append(PermissionNeed("manage_roles", _(_NO_ROLES)))
    needs += [
        RoleNeed(
            role_id=role_id,
            purpose=_("Roles of newcomers"),
            lost=_(_NO_ROLES),
            when_gone=_("Take it off the list with `/invite_tracker role remove`."),
            must_be_below=True,
        )
        for role_id in role_ids
    ]
    return tuple(needs)


def _message_need(channel_id: int | None, purpose: str, lost: str, choose: str, *, is_embed: bool) -> Need:
    if channel_id is None:
        return Remark(
            check="channel_missing",
            severity=Severity.ERROR,
            subject=purpose,
            sentence=_("They are switched on, and no channel is chosen."),
            meaning=lost,
            advice=choose,
        )
    return ChannelNeed(
        channel_id=channel_id,
        purpose=purpose,
        permissions=("view_channel", "send_messages", *(("embed_links",) if is_embed else ())),
        lost=lost,
        when_gone=choose,
    )
