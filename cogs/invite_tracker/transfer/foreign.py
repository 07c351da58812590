"""The CSV files that other invite bots export: who joined, who invited them, with which code, when. Pure.

What such a file says is kept as what it is, the record of another bot: method `imported`, never certain. What it does not say
(a picture of their own, whether they left) is taken for what counts nobody as fake or gone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.snowflakes import DISCORD_EPOCH_MS, snowflake_ms
from cogs.invite_tracker.transfer.cells import DANGEROUS, GUARD, CellError, RoundedIdError, read_id
from cogs.invite_tracker.transfer.dates import DAY_MS, Moment, read_date
from cogs.invite_tracker.transfer.incoming import Incoming, TransferError
from storage.records import Candidate, Certainty, Join, Method, Source

ROLES: Final = ("member", "inviter", "code", "date")
"""What is looked for in a file."""

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "member": (
        "memberid", "userid", "joinedid", "joinerid", "joineduserid", "invitedid", "inviteeid", "targetid",
        "member", "user", "joiner", "joineduser", "invited", "inviteduser", "invitee", "discordid", "id",
    ),
    "inviter": (
        "inviterid", "inviteruserid", "invitedbyid", "referrerid", "ownerid",
        "inviter", "inviteruser", "invitedby", "referrer", "referredby", "owner", "creator",
    ),
    "code": ("code", "invitecode", "invite", "inviteid", "invitelink", "inviteurl", "link", "url", "usedinvite"),
    "date": (
        "joinedat", "joindate", "joinedon", "joined", "jointime", "jointimestamp", "datejoined", "date", "timestamp",
        "time", "datetime", "createdat", "at", "when",
    ),
}  # fmt: skip
"""In this order: ids go before names, as one file may have both."""

_MENTION: Final = re.compile(r"<@!?(\d+)>")
_LINK: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:discord\.gg|discord(?:app)?\.com/invite)/", re.IGNORECASE
)
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NOTHING: Final = frozenset(
    {"", "-", "–", "none", "null", "nil", "n/a", "na", "undefined", "unknown", "nan", "?", "0"}
)
_VANITY: Final = frozenset({"vanity", "vanity url", "vanityurl", "custom url", "vanity invite"})


@dataclass(frozen=True, slots=True)
class ForeignColumns:
    """Where in a row each role stands, and what the header calls it; a role that is not there is left out."""

    header: tuple[str, ...]
    places: Mapping[str, int]

    def describe(self) -> str:
        """Return which columns are read, for people."""
        found = [f'{role} from "{self.header[self.places[role]]}"' for role in ROLES if role in self.places]
        return ", ".join(found)


def find_columns(header: Sequence[str], wished: Mapping[str, str]) -> ForeignColumns:
    """Return which columns of a file are which, by their usual names, or by the names that are wished for.

    Upper and lower case, blanks and signs make no difference. Raises TransferError.
    """
    by_name: dict[str, int] = {}
    for place, name in enumerate(header):
        by_name.setdefault(_plain(name), place)
    places: dict[str, int] = {}
    for role, name in wished.items():
        if _plain(name) not in by_name:
            raise TransferError(f'The file has no column "{name}"; it has: {", ".join(header)}.')
        places[role] = by_name[_plain(name)]
    for role in ROLES:
        if role in places:
            continue
        usual = [by_name[name] for name in _USUAL[role] if name in by_name]
        free = [place for place in usual if place not in places.values()]
        if free:
            places[role] = free[0]
    for role in ("member", "date"):
        if role not in places:
            raise TransferError(
                f"No column of the file says {_QUESTIONS[role]}; name it with --columns {role}=NAME. "
                f"The file has: {', '.join(header)}."
            )
    if "inviter" not in places and "code" not in places:
        raise TransferError(
            "No column of the file says who invited or with which code; name one with --columns inviter=NAME "
            f"or --columns code=NAME. The file has: {', '.join(header)}."
        )
    return ForeignColumns(tuple(header), places)


_QUESTIONS: Final = {"member": "who joined", "date": "when they joined"}


def read_foreign_row(
    line: int,
    row: Sequence[str],
    columns: ForeignColumns,
    guild_id: int,
    now_ms: int,
    date_format: str | None,
) -> Incoming:
    """Return the join of a row; raises CellError."""

    def cell(role: str) -> str:
        place = columns.places.get(role)
        text = row[place].strip() if place is not None and place < len(row) else ""
        # Some programs guard against formulas as we do.
        if (text.startswith(GUARD) and text[1:].startswith((*DANGEROUS, GUARD))) or _is_guarded_id(text):
            text = text[1:].strip()
        return text

    member_id = _read_person(cell("member"), columns, "member")
    if member_id is None:
        raise CellError("the member is empty")
    moment = _read_moment(cell("date"), member_id, now_ms, date_format)
    inviter_text, code_text = cell("inviter"), cell("code")
    is_vanity = inviter_text.lower() in _VANITY or code_text.lower() in _VANITY
    inviter_id = None if is_vanity else _read_person(inviter_text, columns, "inviter")
    code = None if code_text.lower() in _VANITY else _read_code(code_text)
    return Incoming(
        line,
        _join(guild_id, member_id, moment, inviter_id, code, is_vanity),
        moment.precision_ms,
        is_foreign=True,
    )


def _join(
    guild_id: int, member_id: int, moment: Moment, inviter_id: int | None, code: str | None, is_vanity: bool
) -> Join:
    is_known = is_vanity or inviter_id is not None or code is not None
    source = Source.VANITY if is_vanity else Source.INVITE if is_known else Source.UNKNOWN
    return Join(
        guild_id=guild_id,
        join_id=0,
        member_id=member_id,
        joined_at_ms=moment.at_ms,
        recorded_at_ms=0,
        source=source,
        code=code,
        inviter_id=inviter_id,
        method=Method.IMPORTED,
        certainty=Certainty.AMBIGUOUS if is_known else Certainty.UNKNOWN,
        # One explanation only: what later becomes known of other joins cannot move its credit elsewhere.
        candidates=(Candidate(source, code, inviter_id),) if is_known else (),
        evidence=(),
        reason=None,
        credited_code=code,
        credited_inviter_id=inviter_id,
        account_created_at_ms=snowflake_ms(member_id),
        had_avatar=True,
        is_rejoin=False,
        is_own_invite=inviter_id == member_id,
        left_at_ms=None,
        cleared_at_ms=None,
    )


def _read_person(text: str, columns: ForeignColumns, role: str) -> int | None:
    if text.lower() in _NOTHING:
        return None
    mention = _MENTION.fullmatch(text)
    try:
        return read_id(mention[1] if mention else text)
    except RoundedIdError:
        raise
    except CellError as error:
        column = columns.header[columns.places[role]]
        raise CellError(
            f'{error}; the column "{column}" must hold ids (another column is read with --columns {role}=NAME)'
        ) from error


def _read_code(text: str) -> str | None:
    if text.lower() in _NOTHING:
        return None
    code = _LINK.sub("", text, count=1).rstrip("/")
    if not _CODE.fullmatch(code):
        raise CellError(f'"{text[:60]}" is not the code of an invite')
    return code


def _read_moment(text: str, member_id: int, now_ms: int, date_format: str | None) -> Moment:
    if text.lower() in _NOTHING:
        raise CellError("the date is empty")
    moment = read_date(text, date_format)
    if moment.at_ms < DISCORD_EPOCH_MS:
        raise CellError(f'the date "{text}" lies before there was Discord')
    if moment.at_ms > now_ms + DAY_MS:
        raise CellError(f'the date "{text}" lies in the future')
    # A day is allowed for dates of another timezone.
    if moment.at_ms + moment.precision_ms + DAY_MS < snowflake_ms(member_id):
        raise CellError(f'the date "{text}" lies before the account {member_id} was made')
    return moment


def _is_guarded_id(text: str) -> bool:
    # As spreadsheet programs keep long numbers from being rounded.
    return text.startswith(GUARD) and text[1:].isdecimal()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
