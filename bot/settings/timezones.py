"""Timezones by the names that people know: what they typed, and what they may have meant."""

import difflib
import zoneinfo
from collections.abc import Collection
from functools import cache
from typing import Final

from bot.errors import UnprocessableEntityError
from bot.text.language import _

OFFERED: Final = 3
_NOT_TIMEZONES: Final = frozenset({"Factory", "localtime", "posixrules"})


@cache
def timezone_names() -> frozenset[str]:
    """Return the IANA names; the first call reads a folder of some 600 files."""
    return frozenset(zoneinfo.available_timezones() - _NOT_TIMEZONES)


def find_timezone(typed: str, names: Collection[str]) -> str:
    """Return the name that was meant, whatever its capitals; raises UnprocessableEntityError with similar ones."""
    by_folded = {name.casefold(): name for name in sorted(names)}
    wanted = _folded(typed)
    if wanted in by_folded:
        return by_folded[wanted]
    # People type the city; the names begin with the continent.
    cities = {folded.rpartition("/")[2]: name for folded, name in by_folded.items()}
    near = [cities[city] for city in cities if wanted and city.startswith(wanted)]
    near += [cities[city] for city in difflib.get_close_matches(wanted, cities, OFFERED, 0.75)]
    near += [by_folded[name] for name in difflib.get_close_matches(wanted, by_folded, OFFERED, 0.75)]
    offered = [f"`{name}`" for name in dict.fromkeys(near)][:OFFERED]
    shown = typed.strip().replace("`", "ˋ")[:40]
    if offered:
        raise UnprocessableEntityError(
            _("timezone: there is no `{typed}`; did you mean {names}?", typed=shown, names=_one_of(offered))
        )
    raise UnprocessableEntityError(
        _(
            "timezone: there is no `{typed}`; use an IANA name such as `{example}`.",
            typed=shown,
            example="Europe/Amsterdam",
        )
    )


def suggest_timezones(typed: str, names: Collection[str], most: int) -> list[str]:
    """Return names that fit what was typed so far: first those whose city begins so, then those that contain it."""
    wanted = _folded(typed)

    def rank(name: str) -> tuple[int, str]:
        folded = name.casefold()
        city = folded.rpartition("/")[2]
        if city.startswith(wanted):
            # `Europe/Berlin` before old names without a continent, such as `GB`.
            return (0 if "/" in name else 1, folded)
        return (2 if folded.startswith(wanted) else 3, folded)

    return sorted((name for name in names if wanted in name.casefold()), key=rank)[:most]


def _folded(typed: str) -> str:
    return "_".join(typed.split()).casefold()


def _one_of(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{names} or {last}", names=", ".join(names[:-1]), last=names[-1])
