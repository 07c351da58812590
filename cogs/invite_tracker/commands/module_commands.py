"""/invite_tracker enable, disable and info: the module itself."""

import discord
from discord import app_commands

from bot.permissions import NEEDED_PERMISSIONS
from bot.ui.access import check_manage
from bot.ui.confirmation import ask
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.retention import JOIN_DAYS
from cogs.invite_tracker.service import StoredAmounts, TrackerInfo


class ModuleCommands(TrackerCommands):
    """The commands that turn the module on and off, and say how it is doing."""

    @app_commands.command(name="enable", description="Begin to track who invites whom")
    async def enable(self, interaction: Interaction) -> None:
        """Enable the module and say what to do next."""
        guild = guild_of(interaction)
        await self.service.enable(guild.id)
        info = await self.service.describe(guild.id)
        lines = ["From now on every join is recorded, with the invite that it came through."]
        lines += _missing_lines(info.missing_permissions)
        lines.append("-# Next: `/invite_tracker settings join_message` · `/invite_tracker info`")
        embed = make_embed("Invite tracker enabled", "\n".join(lines), warning=bool(info.missing_permissions))
        await answer(interaction, embed=embed)

    @app_commands.command(name="disable", description="Stop tracking and delete everything that was recorded")
    async def disable(self, interaction: Interaction) -> None:
        """Ask first, with the numbers of what would be deleted."""
        guild = guild_of(interaction)
        stored = await self.service.count_stored(guild.id)
        question = make_embed(
            "Disable the invite tracker?",
            f"This deletes for this server: {_amounts(stored)}, and all settings of the invite tracker.\n"
            "**It cannot be undone.** The links themselves keep working.",
            warning=True,
        )

        async def act(confirmed: Interaction) -> discord.Embed:
            check_manage(confirmed)
            deleted = await self.service.count_stored(guild.id)
            await self.service.disable(guild.id)
            return make_embed("Invite tracker disabled", f"Deleted: {_amounts(deleted)}, and all settings.")

        await ask(interaction, question, yes="Delete and disable", act=act, command="invite_tracker disable")

    @app_commands.command(name="info", description="Show how the invite tracker is doing in this server")
    async def info(self, interaction: Interaction) -> None:
        """Show state, missing permissions and amounts."""
        info = await self.service.describe(guild_of(interaction).id)
        troubles = _missing_lines(info.missing_permissions)
        # What the tracker ran into is mostly a permission that the lines above name already.
        if info.status.trouble is not None and not troubles:
            troubles.append(f"⚠ {info.status.trouble}")
        embed = make_embed(
            "Invite tracker",
            "\n".join([_state_line(info), *troubles]),
            warning=bool(troubles) or not info.status.is_caught_up,
        )
        looked_at_ms = info.status.last_answer_at_ms
        last_look = f"<t:{looked_at_ms // 1000}:R>" if looked_at_ms is not None else "not yet"
        embed.add_field(name="Enabled", value=f"<t:{info.enabled_at_ms // 1000}:R>")
        embed.add_field(name="Last look at the invites", value=last_look)
        embed.add_field(name="Known links", value=str(info.stored.invites))
        embed.add_field(name="Joins on record", value=str(info.stored.joins))
        embed.add_field(name="Joins are kept", value=_retention_line(info))
        await answer(interaction, embed=embed)


def _state_line(info: TrackerInfo) -> str:
    if not info.status.is_caught_up:
        return "I am catching up with what happened while I was away."
    if info.status.undecided:
        return f"Joins that are being decided at this moment: {info.status.undecided}."
    return "Every join is on record."


def _retention_line(info: TrackerInfo) -> str:
    match info.retention:
        case "while_member":
            return f"while the member is here, and {JOIN_DAYS} days"
        case 0:
            return "for ever"
        case days:
            return f"{days} {_plural('day', days)}"


def _missing_lines(missing: tuple[str, ...]) -> list[str]:
    """Return one line per missing permission: its name as Discord's settings show it, and what is lost."""
    return [
        f"⚠ I lack **{needed.title}**: {needed.without}."
        for needed in NEEDED_PERMISSIONS
        if needed.name in missing
    ]


def _amounts(stored: StoredAmounts) -> str:
    parts = ((stored.joins, "join"), (stored.invites, "known link"), (stored.bonuses, "bonus entry"))
    return ", ".join(f"**{count}** {_plural(word, count)}" for count, word in parts)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("ry") else f"{word}s"
