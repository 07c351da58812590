"""How API keys read at Discord."""

from collections.abc import Sequence
from typing import Final

import discord

from bot.text.escape import escape_in_code, tame_name
from bot.text.language import N_, _, ngettext
from bot.ui.look import EMBED_DESCRIPTION_LENGTH, fit_lines, make_embed, safe_name
from bot.web.callers import Right
from bot.web.keys import ApiKey, NewKey

API_KEYS: Final = N_("API keys")

_RIGHTS: Final = {Right.READ: N_("read"), Right.WRITE: N_("write"), Right.INTAKE: N_("intake")}
_MEANINGS: Final = {
    Right.READ: N_("read settings, statistics and lists"),
    Right.WRITE: N_("change settings, invites and counters"),
    Right.INTAKE: N_("report what other software did"),
}


def rights_text(key: ApiKey) -> str:
    """Return what a key may do in a few words."""
    return ", ".join(_(words) for right, words in _RIGHTS.items() if right in key.rights)


def key_line(key: ApiKey) -> str:
    """Return a key as the log channel has it: its name, its public part, its rights."""
    name = escape_in_code(tame_name(key.name))
    return f"`{name}` ({key.key_id}: {rights_text(key)})"


def created_embed(new: NewKey, *, is_http_on: bool) -> discord.Embed:
    """Return the only message that has the key itself."""
    meanings = "\n".join(f"- {_(words)}" for right, words in _MEANINGS.items() if right in new.key.rights)
    lines = [
        f"```\n{new.text}\n```",
        _("**I show it only now**, and keep no copy: put it where nobody but your program can read it."),
        _("With it, and in this server alone, the program can:"),
        meanings,
        _("The program sends it with every request:"),
        f"```\nAuthorization: Bearer {new.text}\n```",
    ]
    if not is_http_on:
        lines.append(_off())
    title = _("Key {name} created", name=safe_name(new.key.name))
    return make_embed(title, "\n".join(lines), warning=not is_http_on)


def list_embed(keys: Sequence[ApiKey], *, is_http_on: bool) -> discord.Embed:
    """Return all keys of a server."""
    rows = [_row(key) for key in keys] or [_("This server has no API keys.")]
    if not is_http_on:
        rows.append(_off())
    text = fit_lines(
        rows,
        EMBED_DESCRIPTION_LENGTH,
        lambda more: ngettext("… and {count} more", "… and {count} more", more),
    )
    footer = ngettext("{count} key", "{count} keys", len(keys)) if keys else None
    return make_embed(_(API_KEYS), text, footer=footer)


def question_embed(key: ApiKey) -> discord.Embed:
    """Return what is asked before a key goes."""
    lines = [
        _row(key),
        _(
            "Whatever program uses it is refused from that moment on. **It cannot be undone**: a new key is a different one."
        ),
    ]
    return make_embed(_("Delete this API key?"), "\n".join(lines), warning=True)


def deleted_embed(key: ApiKey) -> discord.Embed:
    """Return what is said once a key is gone."""
    text = _("**{name}** (`{key_id}`) is refused from now on.", name=safe_name(key.name), key_id=key.key_id)
    return make_embed(_("API key deleted"), text)


def choice_text(key: ApiKey) -> str:
    """Return plain text: Discord shows no markdown in choices."""
    return f"{tame_name(key.name)} · {rights_text(key)}"


def _row(key: ApiKey) -> str:
    created = f"<t:{key.created_at_ms // 1000}:d>"
    if key.created_by is None:
        made = _("created {when}", when=created)
    else:
        made = _("created {when} by {person}", when=created, person=f"<@{key.created_by}>")
    if key.last_used_at_ms is None:
        used = _("never used")
    else:
        used = _("last used {when}", when=f"<t:{key.last_used_at_ms // 1000}:R>")
    return f"**{safe_name(key.name)}** · `{key.key_id}` · {rights_text(key)}\n-# {made} · {used}"


def _off() -> str:
    return "⚠ " + _("The operator has not switched the HTTP API on: until then no key is of use.")
