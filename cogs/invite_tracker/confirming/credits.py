"""Totals when a doubtful join becomes known: its credit is passed on, so that the total of every code stays right.

Ambiguous joins share out the uses of their codes, each one use of a code that fits. When one of them turns out to have come by
another code, a second one is credited with that use, wrongly; it takes over what the first one frees, directly or around
further joins. Pure.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from storage.records import Candidate, Certainty, Join


def pass_on(freed: str | None, taken: str | None, others: Iterable[Join]) -> list[Join] | None:
    """Return the ambiguous joins among `others` with their new credits, so that `freed` is credited and `taken` once less.

    None stands for "no counter rose". Each gets only what is among its candidates. Returns None when there is no such way:
    then the use of `freed` belongs to no join that is known.
    """
    if freed == taken:
        return []
    by_credit: dict[str | None, list[Join]] = {}
    for join in others:
        if join.certainty is Certainty.AMBIGUOUS:
            by_credit.setdefault(join.credited_code, []).append(join)
    came_by: dict[str | None, tuple[str | None, Join, Candidate]] = {}
    waiting = deque([taken])
    while waiting:
        code = waiting.popleft()
        for join in by_credit.get(code, ()):
            for candidate in join.candidates:
                if candidate.code == taken or candidate.code in came_by:
                    continue
                came_by[candidate.code] = code, join, candidate
                if candidate.code == freed:
                    return _walk_back(freed, taken, came_by)
                waiting.append(candidate.code)
    return None


def _walk_back(
    freed: str | None,
    taken: str | None,
    came_by: dict[str | None, tuple[str | None, Join, Candidate]],
) -> list[Join]:
    changed = []
    code = freed
    while code != taken:
        code, join, candidate = came_by[code]
        changed.append(
            replace(
                join,
                credited_code=candidate.code,
                credited_inviter_id=candidate.inviter_id,
                is_own_invite=candidate.inviter_id is not None and candidate.inviter_id == join.member_id,
            )
        )
    return changed
