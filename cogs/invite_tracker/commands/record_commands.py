"""/invite_tracker explain, correct, joins, invites and label: what is on record of single joins and links."""

import asyncio
from datetime import tzinfo
from io import BytesIO
from typing import Final

import discord
from discord import app_commands

from bot.errors import DiscordRefusedError
from bot.text.dates import format_datetime, timezone_named
from bot.text.language import _, ngettext
from bot.ui.access import check_manage, may_manage
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed, safe_name
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.invite_commands import choice_name
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.commands.wording import describe_origin
from cogs.invite_tracker.use_cases.corrections import Corrected
from cogs.invite_tracker.use_cases.records import LABEL_LENGTH, MembersOfCode
from storage.join_standings import MemberOfCode

CONTENT_LENGTH: Final = 1_800
"""What is longer is sent as a file."""

JOINS_MOST: Final = 1_000


class RecordCommands(TrackerCommands):
    """The commands about single joins and links."""

    correct = app_commands.Group(name="correct", description="Put on record who really invited somebody")

    @app_commands.command(name="explain", description="Show everything that is known of how a member came")
    @app_commands.describe(member="The member in question")
    async def explain(self, interaction: Interaction, member: discord.User) -> None:
        """Show the joins of a member in full, the latest first."""
        await self.screens.explanations.show(interaction, member.id)

    @app_commands.command(name="joins", description="Show who came by an invite link")
    @app_commands.describe(
        code="The code or link; choose from the list or paste it",
        as_text="All members as a text with their ids, for your own tools",
    )
    async def joins(self, interaction: Interaction, code: str, as_text: bool = False) -> None:
        """Show the joins of a code page by page, or all its members as a text."""
        if not as_text:
            code, _known = await self.service.fetch_code(guild_of(interaction).id, code)
            await self.screens.joins.show(interaction, code)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id = guild_of(interaction).id
        found = await self.service.fetch_members_of_code(guild_id, code)
        timezone = timezone_named(await self.service.fetch_timezone(guild_id))
        # Of 100,000 members that takes most of a second, in which nothing else would happen.
        rows = await asyncio.to_thread(_member_rows, found, timezone)
        await _send_members(interaction, found, rows)

    @app_commands.command(name="invites", description="Show the invite links of one person")
    @app_commands.describe(member="Whose links; yours when left out")
    async def invites(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """Show links with uses and labels; those of others to who manages the server."""
        person = member or interaction.user
        if person.id != interaction.user.id:
            check_manage(interaction)
        await self.screens.invites.show(interaction, person.id)

    @app_commands.command(name="label", description="Give an invite link a name, or take it away")
    @app_commands.describe(
        code="The code or link; choose from the list or paste it",
        text="The name, such as the place where the link is posted; left out, it is taken away",
    )
    async def label(
        self,
        interaction: Interaction,
        code: str,
        text: app_commands.Range[str, 1, LABEL_LENGTH] | None = None,
    ) -> None:
        """Set the label, and say what it was."""
        guild_id = guild_of(interaction).id
        before = await self.service.label_code(guild_id, code, text)
        _code, now = await self.service.fetch_code(guild_id, code)
        label = None if now is None else now.label
        text_now = _("`{code}` has no label now.", code=before.code)
        if label:
            text_now = _("`{code}` is called **{label}** now.", code=before.code, label=safe_name(label))
        if before.label and before.label != label:
            was = _("It was called {label}.", label=safe_name(before.label))
            text_now = f"{text_now}\n{was}"
        await answer(interaction, embed=make_embed(_("Label"), text_now))

    @joins.autocomplete("code")
    @label.autocomplete("code")
    async def complete_known_code(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the live invites, to those who may see the records of others."""
        return await self._offer_codes(interaction, typed)

    @correct.command(name="inviter", description="Put on record who invited a member")
    @app_commands.describe(
        member="The member who was invited",
        inviter="Who invited them; left out, whose link it was",
        code="The code or link that they used; left out, the one of the inviter that fits",
        join="Which of their joins, as explain counts them: 1 is the latest",
    )
    async def correct_inviter(
        self,
        interaction: Interaction,
        member: discord.User,
        inviter: discord.User | None = None,
        code: str | None = None,
        join: app_commands.Range[int, 1, JOINS_MOST] = 1,
    ) -> None:
        """Correct a join by its inviter, its link, or both."""
        if inviter is None and code is None:
            await answer(
                interaction,
                _(
                    "Name the inviter or the code; `/invite_tracker correct nobody` says that nobody is known."
                ),
            )
            return
        corrected = await self.service.correct_join(
            guild_of(interaction).id, member.id, inviter=inviter, code=code, number=join
        )
        await _answer_corrected(interaction, corrected, _("Corrected"))

    @correct_inviter.autocomplete("code")
    async def complete_correct_code(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the live invites, to those who may correct."""
        return await self._offer_codes(interaction, typed)

    @correct.command(name="nobody", description="Put on record that nobody is known to have invited a member")
    @app_commands.describe(
        member="The member in question",
        join="Which of their joins, as explain counts them: 1 is the latest",
    )
    async def correct_nobody(
        self,
        interaction: Interaction,
        member: discord.User,
        join: app_commands.Range[int, 1, JOINS_MOST] = 1,
    ) -> None:
        """Take the inviter off a join."""
        corrected = await self.service.correct_join(
            guild_of(interaction).id, member.id, inviter=None, code=None, number=join
        )
        await _answer_corrected(interaction, corrected, _("Corrected"))

    @correct.command(name="undo", description="Undo the last correction of a join")
    @app_commands.describe(
        member="The member in question",
        join="Which of their joins, as explain counts them: 1 is the latest",
    )
    async def correct_undo(
        self,
        interaction: Interaction,
        member: discord.User,
        join: app_commands.Range[int, 1, JOINS_MOST] = 1,
    ) -> None:
        """Bring back what was believed before."""
        corrected = await self.service.undo_correction(guild_of(interaction).id, member.id, number=join)
        await _answer_corrected(interaction, corrected, _("Correction undone"))

    async def _offer_codes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        guild = interaction.guild
        if guild is None or not may_manage(interaction.permissions):
            return []
        found = await self.service.suggest_codes(guild.id, typed)
        return [app_commands.Choice(name=choice_name(guild, invite), value=invite.code) for invite in found]


async def _answer_corrected(interaction: Interaction, corrected: Corrected, title: str) -> None:
    after = corrected.after
    lines = [
        _("{person}: {origin}.", person=f"<@{after.member_id}>", origin=describe_origin(after)),
        _("Before: {origin}.", origin=describe_origin(corrected.before)),
    ]
    if after.credited_inviter_id is not None and not corrected.is_earliest:
        lines.append(_("It counts for nobody: an earlier join of theirs is on record, and that one counts."))
    if after.is_own_invite:
        lines.append(_("That is a link of their own, which a rule may count as fake."))
    await answer(interaction, embed=make_embed(title, "\n".join(lines)))


def _member_rows(found: MembersOfCode, timezone: tzinfo) -> list[str]:
    not_certain = _("not certain")
    rows = [_member_row(one, timezone) for one in found.members]
    return rows + [f"{_member_row(one, timezone)} · {not_certain}" for one in found.perhaps]


def _member_row(member: MemberOfCode, timezone: tzinfo) -> str:
    presence = _("here") if member.left_at_ms is None else _("left")
    joined_at = format_datetime(member.joined_at_ms, timezone)
    return f"{member.member_id} <@{member.member_id}> · {joined_at} · {presence}"


async def _send_members(interaction: Interaction, found: MembersOfCode, rows: list[str]) -> None:
    count = ngettext(
        "{count} member came by {code} for certain.",
        "{count} members came by {code} for certain.",
        len(found.members),
        code=f"`{found.code}`",
    )
    lines = [count]
    if found.perhaps:
        lines.append(
            ngettext(
                "Of {count} more it is one explanation among several.",
                "Of {count} more it is one explanation among several.",
                len(found.perhaps),
            )
        )
    if found.unnamed:
        lines.append(
            ngettext(
                "-# And {count} who may not be named.", "-# And {count} who may not be named.", found.unnamed
            )
        )
    text = "\n".join([*lines, *rows])
    if len(text) <= CONTENT_LENGTH:
        await answer(interaction, text)
        return
    if not interaction.app_permissions.attach_files:
        raise DiscordRefusedError(
            _(
                "The list is too long for a message, and I need the permission Attach Files to send it as a file."
            )
        )
    file = discord.File(BytesIO("\n".join([*rows, ""]).encode()), filename=f"members-{found.code}.txt")
    await interaction.followup.send("\n".join(lines), file=file, ephemeral=True, allowed_mentions=NO_PINGS)
