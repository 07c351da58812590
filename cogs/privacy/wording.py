"""What /privacy says, in the language of the context."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import discord

from bot.privacy import total
from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.look import fit_lines, make_embed, safe_name
from cogs.privacy.service import ModuleCounts, ModuleErasure, SharedServers

NAMES_LENGTH: Final = 3_500
KEPT_LENGTH: Final = 3_500
"""Enough for everything that there is to say, in every language; an embed takes 6,000 in all."""


def counts_embed(modules: Sequence[ModuleCounts]) -> discord.Embed:
    """Return how many references there are, module by module in the five ways."""
    all_counts = total([module.counts for module in modules])
    rows = all_counts.ids
    text = (
        ngettext(
            "In this server {count} row holds your id.", "In this server {count} rows hold your id.", rows
        )
        if rows
        else _("In this server no row holds your id.")
    )
    text += "\n" + _(
        "Names are looked for in the texts that are stored: messages, labels, names of games and of counters."
    )
    embed = make_embed(_("Your data"), text, footer=_("Everything at once: /privacy delete_data"))
    for module in modules:
        counts = module.counts
        lines = [
            f"{label}: **{format_number(count)}**"
            for label, count in (
                (_("Id"), counts.ids),
                (_("Username"), counts.usernames),
                (_("Global name"), counts.global_names),
                (_("Display name"), counts.display_names),
                (_("Nickname"), counts.nicknames),
            )
        ]
        embed.add_field(name=_(module.title), value="\n".join(lines))
    return embed


def question_embed(modules: Sequence[ModuleErasure], general: Sequence[str]) -> discord.Embed:
    """Return what an erasure would do."""
    embed = make_embed(
        _("Delete your data in this server?"),
        _("Everything that refers to you is deleted or made anonymous. This cannot be undone."),
        warning=True,
    )
    _add_modules(embed, modules, _("There is nothing of you."))
    _add_kept(embed, modules, general)
    return embed


def report_embed(modules: Sequence[ModuleErasure], general: Sequence[str]) -> discord.Embed:
    """Return what an erasure did."""
    references = sum(module.erasure.total for module in modules)
    text = (
        ngettext(
            "{count} reference to you was deleted or made anonymous.",
            "{count} references to you were deleted or made anonymous.",
            references,
        )
        if references
        else _("There was nothing of you.")
    )
    embed = make_embed(_("Your data was deleted"), text)
    _add_modules(embed, modules, _("There was nothing of you."))
    _add_kept(embed, modules, general)
    return embed


def kept_in_general(*, is_opted_out: bool, is_owner: bool) -> list[str]:
    """Return what stays whatever the modules store."""
    kept = []
    if is_opted_out:
        kept.append(_("That you opted out is kept: otherwise I would record you again."))
    else:
        kept.append(
            _("What you do from now on is recorded again; `/privacy info` has the button to opt out of that.")
        )
    if is_owner:
        kept.append(
            _("That you own this server is not mine to delete: Discord tells me each time I connect.")
        )
    kept.append(
        _(
            "Messages that I have sent here, such as welcomes and changes of settings, stay at Discord; "
            "the log of the operator of this bot tells who changed settings."
        )
    )
    kept.append(
        _(
            "Backups that the operator of this bot has made are not changed, and the space in the file is "
            "only overwritten when the operator runs the maintenance."
        )
    )
    return kept


def info_embed(opted_out_at_ms: int | None, joins: int | Literal["while_member"]) -> discord.Embed:
    """Return what is stored of people in general, and whether this person is left out.

    `joins` is for how many days joins are kept, 0 for ever.
    """
    embed = make_embed(
        _("Your privacy in this server"),
        _(
            "What I store depends on what the admins of this server have switched on; "
            "the text of a message is never stored."
        ),
    )
    embed.add_field(
        name=_("Invite tracker"),
        value=_(
            "When you joined and left, by which invite, and who made that invite; "
            "the invites that you make, and bonuses that admins grant."
        )
        + "\n"
        + _joins_kept(joins),
        inline=False,
    )
    embed.add_field(
        name=_("Serverstats"),
        value=_(
            "That you wrote or deleted a message, were in voice, used a command or voted, and when and where; "
            "the names of your activities; whose messages were starred, and by whom. All that for 31 days."
        ),
        inline=False,
    )
    embed.add_field(
        name=_("Without a time limit"),
        value=_(
            "Bonuses, labels of invites, settings, opt-outs, who made an API key, and which messages were on a starboard."
        ),
        inline=False,
    )
    if opted_out_at_ms is None:
        state = _(
            "I record what you do by your id. When you opt out, everything still counts from the next event on, "
            "but as nobody's; what is on record by then stays until you delete it with `/privacy delete_data`."
        )
    else:
        state = _(
            "You opted out {when}: what you do counts as nobody's. "
            "Invite links that you have made may go on counting for nobody when you opt in again; new ones count for you.",
            when=f"<t:{opted_out_at_ms // 1000}:R>",
        )
    embed.add_field(name=_("You"), value=state, inline=False)
    return embed


def shared_servers_embed(shared: SharedServers) -> discord.Embed:
    """Return the servers by name."""
    lines = [f"• {safe_name(guild.name)}" for guild in shared.guilds]
    names = fit_lines(lines, NAMES_LENGTH, lambda more: _("… and {more} more", more=format_number(more)))
    count = len(shared.guilds)
    headline = ngettext(
        "You and I are both in {count} server:", "You and I are both in {count} servers:", count
    )
    embed = make_embed(_("Servers that we share"), f"{headline}\n{names}")
    if shared.unknown:
        embed.set_footer(
            text=ngettext(
                "Of {count} more server I do not know whether you are there.",
                "Of {count} more servers I do not know whether you are there.",
                shared.unknown,
            )
        )
    return embed


def _joins_kept(joins: int | Literal["while_member"]) -> str:
    match joins:
        case "while_member":
            return _("Joins are kept while you are a member, and 31 days more.")
        case 0:
            return _("Joins are kept for ever.")
        case days:
            return ngettext("Joins are kept for {count} day.", "Joins are kept for {count} days.", days)


def _add_modules(embed: discord.Embed, modules: Iterable[ModuleErasure], nothing: str) -> None:
    for module in modules:
        lines = [f"• {amount.words}" for amount in module.erasure.deleted]
        embed.add_field(name=_(module.title), value="\n".join(lines) or nothing, inline=False)


def _add_kept(embed: discord.Embed, modules: Iterable[ModuleErasure], general: Iterable[str]) -> None:
    kept = [*general, *(sentence for module in modules for sentence in module.erasure.kept)]
    text = fit_lines([f"• {sentence}" for sentence in kept], KEPT_LENGTH, lambda _more: "…")
    # A field takes 1,024 characters, so what is long goes into several.
    name = _("What stays, and why")
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and len("\n".join([*lines, line])) > FIELD_LENGTH:
            embed.add_field(name=name, value="\n".join(lines), inline=False)
            name, lines = "\u200b", []
        lines.append(line)
    embed.add_field(name=name, value="\n".join(lines), inline=False)


FIELD_LENGTH: Final = 1024
"""Discord documentation, Message Resource, Embed Limits."""
