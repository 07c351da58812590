"""Acts of people: joining through an invite or otherwise, joining again, leaving, being kicked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from .backend import BackendClock, BackendError, Member, User
from .guilds import AUDIT_BOT_ADD
from .invites import InviteActs
from .state import DID_REJOIN
from .switches import Switches

AUDIT_MEMBER_KICK = 20


class JoinSource(IntEnum):
    """How a member came in, with the numbers of members-search."""

    UNSPECIFIED = 0
    BOT = 1
    INTEGRATION = 2
    DISCOVERY = 3
    HUB = 4
    INVITE = 5
    VANITY = 6
    MANUAL_VERIFICATION = 7


@dataclass(frozen=True, slots=True)
class JoinRecord:
    """The truth about one join; only the local Discord (and members-search) knows it."""

    guild_id: int
    user_id: int
    source: JoinSource
    code: str | None
    inviter_id: int | None
    at: datetime


class MemberActs(InviteActs):
    """What people do in guilds.

    ``joins`` is the truth about those who are there: (guild id, user id) to the latest join. ``history`` is
    the truth about all joins, oldest first.
    """

    def __init__(
        self, *, clock: BackendClock | None = None, switches: Switches | None = None, skew_ms: float = 0
    ) -> None:
        super().__init__(clock=clock, switches=switches, skew_ms=skew_ms)
        self.joins: dict[tuple[int, int], JoinRecord] = {}
        self.history: list[JoinRecord] = []
        self._were_here: set[tuple[int, int]] = set()

    def join(
        self,
        guild_id: int,
        user_id: int,
        *,
        code: str | None = None,
        vanity: bool = False,
        source: JoinSource = JoinSource.UNSPECIFIED,
        pending: bool = False,
    ) -> Member:
        """Let someone join through an invite code, the vanity URL, or (``source``) without any counter.

        The use is counted and ``joined_at`` taken in the same instant. An invite that reaches max_uses is
        gone, and its INVITE_DELETE goes before or after the member add as the switch says. Raises 404/10006
        for a code that does not work, and ValueError for someone who is a member already.
        """
        if user_id in self.get_guild(guild_id).members:
            raise ValueError(f"User {user_id} is a member of guild {guild_id} already.")
        invite = self.vanity_invite(guild_id) if vanity else self.get_invite(code) if code else None
        if invite is not None and invite.guild_id != guild_id:
            raise BackendError(404, 10006, "Unknown Invite")
        used_up = invite is not None and self.use(invite)
        member = self._enter(guild_id, user_id, pending=pending)
        if invite is not None:
            roles = self.get_guild(guild_id).roles
            member.role_ids += [one for one in self.invite_roles.get(invite.code, ()) if one in roles]
            source = JoinSource.VANITY if vanity else JoinSource.INVITE
        code_used = invite.code if invite else None
        inviter_id = (invite.inviter_id or None) if invite and not vanity else None
        self._record(guild_id, member, source, code_used, inviter_id)
        first = used_up and self.switches.invite_delete_first()
        if invite is not None and first:
            self.announce_invite_gone(invite)
        self._announce_join(guild_id, member)
        if invite is not None and used_up and not first:
            self.announce_invite_gone(invite)
        return member

    def use_again(self, code: str) -> None:
        """Let an old member follow a link again: the use counts and nobody joins."""
        invite = self.get_invite(code)
        if self.use(invite):
            self.announce_invite_gone(invite)

    def add_bot(self, guild_id: int, name: str, by_id: int) -> User:
        """Let a person add a bot: member add and the audit entry ``bot_add``."""
        bot = self.add_person(name, bot=True)
        member = self._enter(guild_id, bot.id)
        self._record(guild_id, member, JoinSource.BOT, None, by_id)
        self._announce_join(guild_id, member)
        self.record_audit_log(guild_id, AUDIT_BOT_ADD, target_id=bot.id, user_id=by_id)
        return bot

    def add_old_member(self, guild_id: int, user_id: int, *, joined_days_ago: float = 30) -> Member:
        """Put someone into the guild who has been there for long: no event, no counter."""
        member = self.add_member(guild_id, user_id)
        member.joined_at = (self.clock.now() - timedelta(days=joined_days_ago)).isoformat()
        return member

    def leave(self, guild_id: int, user_id: int) -> None:
        """Let a member leave."""
        self.presences.pop((guild_id, user_id), None)
        self.joins.pop((guild_id, user_id), None)
        self._were_here.add((guild_id, user_id))
        self.remove_member(guild_id, user_id)

    def kick(self, guild_id: int, user_id: int, by_id: int, *, reason: str | None = None) -> None:
        """Let a moderator put a member out: event and audit entry."""
        self.leave(guild_id, user_id)
        self.record_audit_log(guild_id, AUDIT_MEMBER_KICK, target_id=user_id, user_id=by_id, reason=reason)

    def pass_screening(self, guild_id: int, user_id: int) -> None:
        """Clear a member's ``pending``."""
        self.get_member(guild_id, user_id).pending = False
        self.announce_member_update(guild_id, user_id)

    def repeat_member_add(self, guild_id: int, user_id: int, *, shift_ms: float = 400) -> None:
        """Send GUILD_MEMBER_ADD once more, with another ``joined_at``, as Discord sometimes does."""
        payload = self._member_add_payload(guild_id, self.get_member(guild_id, user_id))
        shifted = datetime.fromisoformat(payload["joined_at"]) + timedelta(milliseconds=shift_ms)
        self.emit("GUILD_MEMBER_ADD", {**payload, "joined_at": shifted.isoformat()})

    def remove_member(self, guild_id: int, user_id: int) -> None:
        """Take a member out of the guild, whoever did it."""
        self._were_here.add((guild_id, user_id))
        super().remove_member(guild_id, user_id)

    def _enter(self, guild_id: int, user_id: int, *, pending: bool = False) -> Member:
        member = self.add_member(guild_id, user_id)
        member.pending = pending
        self.member_flags[guild_id, user_id] = DID_REJOIN if (guild_id, user_id) in self._were_here else 0
        return member

    def _record(
        self, guild_id: int, member: Member, source: JoinSource, code: str | None, inviter_id: int | None
    ) -> None:
        at = datetime.fromisoformat(member.joined_at)
        record = JoinRecord(guild_id, member.user_id, source, code, inviter_id, at)
        self.joins[guild_id, member.user_id] = record
        self.history.append(record)

    def _announce_join(self, guild_id: int, member: Member) -> None:
        self.emit("GUILD_MEMBER_ADD", self._member_add_payload(guild_id, member))

    def _member_add_payload(self, guild_id: int, member: Member) -> dict[str, Any]:
        return {**self.member_payload(self.get_guild(guild_id), member), "guild_id": str(guild_id)}
