"""Who of a guild may not be named on record: those who opted out, and joins of people who were forgotten meanwhile.

In memory everybody has their id, as joins and leaves are told apart by it; what is written down goes through here. Undecided
joins must be told apart on record, too: there a random stand-in is in the place of the id, below zero as no id is.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.snowflakes import DISCORD_EPOCH_MS, snowflake_ms
from cogs.invite_tracker.tracking.keys import ArrivalKey, key_of
from storage.invite_erasure import DAY_MS, age_in_days
from storage.records import Arrival, Candidate, Join, KnownInvite

_RANDOM_BITS = 22


class Anonymity:
    """Takes ids off what is about to be stored of one guild."""

    def __init__(self, is_opted_out: Callable[[int], bool]) -> None:
        self.is_opted_out = is_opted_out
        self._stand_ins: dict[ArrivalKey, int] = {}

    def hides(self, arrival: Arrival) -> bool:
        """Whether the member of an undecided join may not be named."""
        return is_stand_in(arrival.member_id) or key_of(arrival) in self._stand_ins

    def note(self, arrivals: Iterable[Arrival]) -> None:
        """Decide once for each new join whether its member may be named."""
        self.forget(arrival for arrival in arrivals if self.is_opted_out(arrival.member_id))

    def forget(self, arrivals: Iterable[Arrival]) -> None:
        """Let the members of these joins not be named any more."""
        for arrival in arrivals:
            if not is_stand_in(arrival.member_id):
                self._stand_ins.setdefault(key_of(arrival), _stand_in_for(arrival))

    def settle(self, key: ArrivalKey) -> None:
        """Learn that a join is decided."""
        self._stand_ins.pop(key, None)

    def stored_arrival(self, arrival: Arrival) -> Arrival:
        """Return the join as it may be stored until it is decided."""
        return replace(arrival, member_id=self.stored_key(key_of(arrival))[0])

    def stored_key(self, key: ArrivalKey) -> ArrivalKey:
        """Return under which key the join is stored until it is decided."""
        return self._stand_ins.get(key, key[0]), key[1]

    def stored_join(self, join: Join, *, is_hidden: bool, is_known: bool = False) -> Join:
        """Return the decided join as it may be stored.

        `is_known`: the member has an earlier join on record, so that this one credits nobody.
        """
        join = replace(
            join,
            inviter_id=self._nameable(join.inviter_id),
            credited_inviter_id=self._nameable(join.credited_inviter_id),
            candidates=tuple(
                Candidate(one.source, one.code, self._nameable(one.inviter_id)) for one in join.candidates
            ),
        )
        if not is_hidden:
            return join
        age_days = age_in_days(join.joined_at_ms, join.account_created_at_ms)
        return replace(
            join,
            member_id=None,
            account_created_at_ms=join.joined_at_ms - age_days * DAY_MS,
            credited_inviter_id=None if is_known else join.credited_inviter_id,
        )

    def stored_invite(self, invite: KnownInvite) -> KnownInvite:
        """Return the invite as it may be stored."""
        return replace(invite, inviter_id=self._nameable(invite.inviter_id))

    def _nameable(self, user_id: int | None) -> int | None:
        return None if user_id is not None and self.is_opted_out(user_id) else user_id


EVERYBODY_NAMED = Anonymity(lambda _user_id: False)


def is_stand_in(member_id: int) -> bool:
    """Whether this is in the place of an id that may not be stored."""
    return member_id < 0


def account_created_ms(member_id: int) -> int:
    """Return when the account was made; of a stand-in so that its age in days at the join is right."""
    return snowflake_ms(abs(member_id))


def _stand_in_for(arrival: Arrival) -> int:
    age_days = age_in_days(arrival.joined_at_ms, snowflake_ms(arrival.member_id))
    since_epoch_ms = arrival.joined_at_ms - age_days * DAY_MS - DISCORD_EPOCH_MS
    return -((max(since_epoch_ms, 0) << _RANDOM_BITS) | 1 | secrets.randbits(_RANDOM_BITS))
