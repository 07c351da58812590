"""/invite_tracker tree: whom a member brought, and whom these brought."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import discord
from discord import app_commands

from bot.charts.specs import TreeChart
from bot.charts.studio import ChartError, ChartStudio
from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.look import NO_PINGS, Interaction, make_embed, safe_name
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.tree.wording import (
    Name,
    describe_rest,
    describe_size,
    draw_tree,
    is_short,
    list_tree,
)

Person = discord.Member | discord.User

LOOKUP_SECONDS: Final = 5.0
AT_ONCE: Final = 100
"""Discord documentation, Gateway, Request Guild Members: so many can be asked for by their ids."""
FILE_NAME: Final = "tree.png"


class TreeCommands(TrackerCommands):
    """The command of the tree."""

    charts: ChartStudio

    @app_commands.command(name="tree", description="Show whom a member brought, and whom these brought")
    @app_commands.describe(member="Whose tree; yours when left out")
    async def tree(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """Show a short tree as a list and a long one as a picture, to the person alone."""
        person: Person = member or interaction.user
        if person.id != interaction.user.id:
            check_manage(interaction)
        guild = guild_of(interaction)
        # Names are asked for, and a picture may be drawn.
        await interaction.response.defer(ephemeral=True, thinking=True)
        tree = await self.service.fetch_tree(guild.id, person.id)
        is_opted_out = interaction.client.parts.recorder.is_opted_out
        names: dict[int, Name | None] = {person.id: Name(person.display_name, person.name)}
        ids = [branch.member_id for branch in tree.root.walk() if branch.member_id != person.id]
        if not is_short(tree.root):
            names |= await _fetch_names(guild, ids)
        names |= {user_id: None for user_id in ids if is_opted_out(guild.id, user_id)}

        title = _("Whom {person} brought", person=safe_name(person.display_name))
        rest = [f"-# {note}" for note in describe_rest(tree.root, tree.unshown)]
        if not tree.root.children:
            lines = [_("Nobody, as far as it is on record and certain.")]
            await interaction.followup.send(
                embed=make_embed(title, "\n".join([*lines, *rest])), allowed_mentions=NO_PINGS
            )
            return
        size = describe_size(tree.root)
        listed = "\n".join([size, list_tree(tree.root, names), *rest])
        message: dict[str, Any] = {"embed": make_embed(title, listed), "allowed_mentions": NO_PINGS}
        if not is_short(tree.root) and interaction.app_permissions.attach_files:
            chart = draw_tree(
                _("Whom {person} brought", person=person.display_name), tree.root, names, tree.unshown
            )
            png = await self._draw(chart)
            if png is not None:
                embed = make_embed(title, size).set_image(url=f"attachment://{FILE_NAME}")
                message |= {"embed": embed, "file": discord.File(BytesIO(png), filename=FILE_NAME)}
        await interaction.followup.send(**message)

    async def _draw(self, chart: TreeChart) -> bytes | None:
        """Return the picture; None where it cannot be had, and the list must do."""
        try:
            return await self.charts.draw(chart)
        except ChartError:
            return None


async def _fetch_names(guild: discord.Guild, user_ids: Sequence[int]) -> dict[int, Name | None]:
    """Return the names of those who are here, or of whom something is known."""
    found: list[Person] = []
    missing: list[int] = []
    for user_id in user_ids:
        member = guild.get_member(user_id)
        if member is None:
            missing.append(user_id)
        else:
            found.append(member)
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            for begin in range(0, len(missing), AT_ONCE):
                some = missing[begin : begin + AT_ONCE]
                found += await guild.query_members(user_ids=some, limit=len(some), cache=False)
    except TimeoutError:
        # Better a picture with fewer names than none.
        pass
    return {person.id: Name(person.display_name, person.name) for person in found}
