"""/invite_tracker enable, disable and info: the module itself."""

from discord import app_commands

from bot.permissions import NEEDED_PERMISSIONS
from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.commands.sync_screen import describe_members_before
from cogs.invite_tracker.retention import JOIN_DAYS
from cogs.invite_tracker.service import TrackerInfo


class ModuleCommands(TrackerCommands):
    """The commands that turn the module on and off, and say how it is doing."""

    @app_commands.command(name="enable", description="Begin to track who invites whom")
    async def enable(self, interaction: Interaction) -> None:
        """Enable the module and say what to do next."""
        guild = guild_of(interaction)
        await self.service.enable(guild.id)
        info = await self.service.describe(guild.id)
        lines = [_("From now on every join is recorded, with the invite that it came through.")]
        lines += _missing_lines(info.missing_permissions)
        next_steps = "`/invite_tracker settings join_message` · `/invite_tracker info`"
        lines.append(_("-# Next: {commands}", commands=next_steps))
        embed = make_embed(
            _("Invite tracker enabled"), "\n".join(lines), warning=bool(info.missing_permissions)
        )
        await answer(interaction, embed=embed)

    @app_commands.command(name="disable", description="Stop tracking and delete everything that was recorded")
    async def disable(self, interaction: Interaction) -> None:
        """Ask first, with the numbers of what would be deleted."""
        await self.screens.disable.ask(interaction)

    @app_commands.command(name="info", description="Show how the invite tracker is doing in this server")
    async def info(self, interaction: Interaction) -> None:
        """Show state, missing permissions and amounts."""
        info = await self.service.describe(guild_of(interaction).id)
        troubles = _missing_lines(info.missing_permissions)
        # What the tracker ran into is mostly a permission that the lines above name already.
        if info.status.trouble is not None and not troubles:
            troubles.append(f"⚠ {_(info.status.trouble)}")
        leaderboard = await self.service.describe_leaderboard(guild_of(interaction).id)
        troubles += [f"⚠ {trouble}" for trouble in leaderboard.troubles]
        troubles += [
            f"⚠ {trouble}" for trouble in await self.service.list_role_troubles(guild_of(interaction).id)
        ]
        notes = []
        if info.status.confirmation_trouble is not None:
            notes.append(f"-# {_(info.status.confirmation_trouble)}")
        embed = make_embed(
            _("Invite tracker"),
            "\n".join([_state_line(info), *troubles, *notes]),
            warning=bool(troubles) or not info.status.is_caught_up,
        )
        looked_at_ms = info.status.last_answer_at_ms
        last_look = f"<t:{looked_at_ms // 1000}:R>" if looked_at_ms is not None else _("not yet")
        embed.add_field(name=_("Enabled"), value=f"<t:{info.enabled_at_ms // 1000}:R>")
        embed.add_field(name=_("Last look at the invites"), value=last_look)
        embed.add_field(name=_("Known links"), value=format_number(info.stored.invites))
        embed.add_field(name=_("Joins on record"), value=format_number(info.stored.joins))
        embed.add_field(name=_("Joins are kept"), value=_retention_line(info))
        before = await self.service.describe_sync(guild_of(interaction).id)
        if before is not None:
            lines = describe_members_before(before)
            embed.add_field(name=_("Members from before"), value="\n".join(lines), inline=False)
        await answer(interaction, embed=embed)


def _state_line(info: TrackerInfo) -> str:
    if not info.status.is_caught_up:
        return _("I am catching up with what happened while I was away.")
    if info.status.undecided:
        return _(
            "Joins that are being decided at this moment: {count}.",
            count=format_number(info.status.undecided),
        )
    return _("Every join is on record.")


def _retention_line(info: TrackerInfo) -> str:
    match info.retention:
        case "while_member":
            return ngettext(
                "while the member is here, and {count} day",
                "while the member is here, and {count} days",
                JOIN_DAYS,
            )
        case 0:
            return _("for ever")
        case days:
            return ngettext("{count} day", "{count} days", days)


def _missing_lines(missing: tuple[str, ...]) -> list[str]:
    """Return one line per missing permission: its name as Discord's settings show it, and what is lost."""
    return [
        _("⚠ I lack **{permission}**: {loss}.", permission=_(needed.title), loss=_(needed.without))
        for needed in NEEDED_PERMISSIONS
        if needed.name in missing
    ]
