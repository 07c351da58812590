"""What can be exported, column by column: what each is called in a file, and what it says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cogs.invite_tracker.transfer.cells import (
    CANDIDATES,
    EVIDENCE,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TIME,
    Cell,
    word_of,
)
from storage.database import ReadTransaction
from storage.invites import fetch_invites_after
from storage.join_transfer import fetch_bonuses_after
from storage.joins import fetch_joins_after
from storage.records import Certainty, Method, Reason, Source


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file, and the field of the record that it shows."""

    name: str
    field: str
    cell: Cell
    meaning: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of records that one file holds."""

    name: str
    columns: tuple[Column, ...]
    fetch_after: Callable[[ReadTransaction, int, Any, int], Awaitable[Sequence[Any]]]
    """Given the guild, the key of the last record (or `first_key`) and a limit, returns the records behind it."""
    key_field: str
    first_key: int | str


_SERVER: Final = Column("server_id", "guild_id", ID, "The server.")

JOINS: Final = Sheet(
    "joins",
    (
        _SERVER,
        Column("member_id", "member_id", ID, "Who joined; empty for somebody who may not be named."),
        Column("joined_at", "joined_at_ms", TIME, "When, by Discord's clock."),
        Column("recorded_at", "recorded_at_ms", TIME, "When it was put on record; an import sets it anew."),
        Column(
            "source",
            "source",
            word_of(Source),
            "How they came: invite, vanity, bot, discovery, integration, hub, manual_verification, existing or unknown.",
        ),
        Column("code", "code", TEXT, "The invite, where it is known."),
        Column("inviter_id", "inviter_id", ID, "Whose invite it was, where that is known."),
        Column(
            "method",
            "method",
            word_of(Method),
            "How that is known: uses_rise, used_up, vanity_delta, audit_log, members_search, manual, imported or none.",
        ),
        Column(
            "certainty",
            "certainty",
            word_of(Certainty),
            "certain, ambiguous (several explanations fit, or nobody here measured it) or unknown.",
        ),
        Column("reason", "reason", word_of(Reason), "Why it is not known better."),
        Column(
            "credited_code",
            "credited_code",
            TEXT,
            "For totals only: the code that an ambiguous join counts for.",
        ),
        Column(
            "credited_inviter_id", "credited_inviter_id", ID, "For totals only: the inviter it counts for."
        ),
        Column(
            "account_created_at",
            "account_created_at_ms",
            TIME,
            "When the account was made; of somebody who may not be named, a whole number of days before the join.",
        ),
        Column("had_avatar", "had_avatar", FLAG, "Whether the member had a picture of their own."),
        Column("is_rejoin", "is_rejoin", FLAG, "Whether they had been in the server before."),
        Column("is_own_invite", "is_own_invite", FLAG, "Whether they used an invite of their own."),
        Column(
            "left_at", "left_at_ms", TIME, "When they left; empty when that is not known to have happened."
        ),
        Column("cleared_at", "cleared_at_ms", TIME, "When an admin reset it, so that it does not count."),
        Column(
            "candidates",
            "candidates",
            CANDIDATES,
            "All explanations that fit, of an ambiguous join: source, code, inviter_id of each.",
        ),
        Column(
            "evidence",
            "evidence",
            EVIDENCE,
            "The counters that rose: code, by how much (units), method, and between which two moments.",
        ),
    ),
    fetch_joins_after,
    "join_id",
    0,
)

INVITES: Final = Sheet(
    "invites",
    (
        _SERVER,
        Column("code", "code", TEXT, "The invite's code."),
        Column("label", "label", TEXT, "The name that an admin gave it."),
        Column("channel_id", "channel_id", ID, "The channel it leads to."),
        Column("inviter_id", "inviter_id", ID, "Whose it is."),
        Column("uses", "uses", NUMBER, "How often it was used, as Discord showed last."),
        Column("max_uses", "max_uses", NUMBER, "After how many uses it ends; 0 for never."),
        Column("is_temporary", "is_temporary", FLAG, "Whether it grants temporary membership."),
        Column("created_at", "created_at_ms", TIME, "When it was made."),
        Column("expires_at", "expires_at_ms", TIME, "When it ends; empty for never."),
        Column("deleted_at", "deleted_at_ms", TIME, "Since when it is gone; empty while it works."),
    ),
    fetch_invites_after,
    "code",
    "",
)

BONUSES: Final = Sheet(
    "bonuses",
    (
        _SERVER,
        Column("inviter_id", "inviter_id", ID, "Whose count was adjusted."),
        Column("amount", "amount", NUMBER, "By how much; below zero when invites were taken away."),
        Column("reason", "reason", TEXT, "Why."),
        Column("granted_by", "granted_by", ID, "Who did that; 0 once that person asked to be forgotten."),
        Column("granted_at", "granted_at_ms", TIME, "When."),
    ),
    fetch_bonuses_after,
    "bonus_id",
    0,
)

SHEETS: Final[Mapping[str, Sheet]] = {sheet.name: sheet for sheet in (JOINS, INVITES, BONUSES)}
