"""Acts on invites: made by people, used, used up, deleted by hand, expired in silence."""

import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from .backend import BackendError, Invite, serializers
from .guilds import GuildActs

AUDIT_INVITE_CREATE = 40
AUDIT_INVITE_DELETE = 42
INVITES_PER_GUILD = 1000
NO_CHANNEL = 0
_ALPHABET = string.ascii_letters + string.digits
_METADATA = ("uses", "max_uses", "max_age", "temporary", "created_at")


class InviteActs(GuildActs):
    """What happens to invites. A channel id of 0 stands for an invite without a channel."""

    def make_invite(
        self,
        channel_id: int,
        inviter_id: int | None,
        *,
        max_uses: int = 0,
        max_age_s: int = 0,
        temporary: bool = False,
        code: str | None = None,
        guild_id: int | None = None,
        role_ids: Sequence[int] = (),
    ) -> Invite:
        """Make an invite as a person; an inviter of None stands for the widget.

        ``guild_id`` is needed only for an invite without a channel (channel 0). Whoever accepts it gets the roles.
        Raises BackendError 30016 if the guild already has 1000 invites.
        """
        home = guild_id if guild_id is not None else self.get_channel(channel_id).guild_id
        if home is None:
            raise BackendError(400, 50024, "Cannot execute action on this channel type")
        if len(self.live_invites(home)) >= INVITES_PER_GUILD:
            raise BackendError(400, 30016, "Maximum number of invites reached (1000)")
        now = self.clock.now()
        invite = Invite(
            code=code or self._free_code(),
            guild_id=home,
            channel_id=channel_id,
            inviter_id=inviter_id or 0,
            created_at=now.isoformat(),
            max_uses=max_uses,
            max_age=max_age_s,
            temporary=temporary,
            expires_at=(now + timedelta(seconds=max_age_s)).isoformat() if max_age_s else None,
        )
        self.invites[invite.code] = invite
        if role_ids:
            self.invite_roles[invite.code] = tuple(role_ids)
        self.emit("INVITE_CREATE", self._created_payload(invite))
        if inviter_id:
            self._audit_invite(AUDIT_INVITE_CREATE, invite, inviter_id, None)
        return invite

    def create_invite(
        self,
        channel_id: int,
        inviter_id: int,
        *,
        max_uses: int = 0,
        max_age: int = 86400,
        temporary: bool = False,
    ) -> Invite:
        """Make an invite as simcord's route does it, with a code of our own."""
        return self.make_invite(
            channel_id, inviter_id, max_uses=max_uses, max_age_s=max_age, temporary=temporary
        )

    def live_invites(self, guild_id: int) -> list[Invite]:
        """Return the guild's invites, oldest first, without the vanity URL.

        Invites whose time is up vanish here, in silence.
        """
        guild = self.get_guild(guild_id)
        now = self.clock.now()
        ours = [invite for invite in self.invites.values() if invite.guild_id == guild_id]
        for invite in ours:
            if _has_expired(invite, now):
                self.invites.pop(invite.code, None)
        return [
            invite for invite in ours if invite.code in self.invites and invite.code != guild.vanity_url_code
        ]

    def get_invite(self, code: str) -> Invite:
        """Return a live invite, or raise 404/10006."""
        invite = super().get_invite(code)
        if _has_expired(invite, self.clock.now()):
            del self.invites[code]
            return super().get_invite(code)
        return invite

    def remove_invite(self, code: str, by_id: int, *, reason: str | None = None) -> Invite:
        """Delete an invite by hand: event and audit entry."""
        invite = self.get_invite(code)
        del self.invites[code]
        self.announce_invite_gone(invite)
        self._audit_invite(AUDIT_INVITE_DELETE, invite, by_id, reason)
        return invite

    def delete_invite(self, code: str) -> Invite:
        """Delete an invite as the bot."""
        return self.remove_invite(code, self.bot_user.id)

    def expire_now(self, code: str) -> None:
        """Let an invite's time run out this instant; nobody is told."""
        self.get_invite(code).expires_at = (self.clock.now() - timedelta(milliseconds=1)).isoformat()

    def announce_invite_gone(self, invite: Invite) -> None:
        """Emit INVITE_DELETE."""
        self.emit(
            "INVITE_DELETE",
            {
                "code": invite.code,
                "guild_id": str(invite.guild_id),
                "channel_id": str(invite.channel_id) if invite.channel_id else None,
            },
        )

    def vanity_invite(self, guild_id: int) -> Invite:
        """Return the invite behind the guild's vanity URL, or raise 404/10006."""
        code = self.get_guild(guild_id).vanity_url_code
        return super().get_invite(code or "")

    def use(self, invite: Invite) -> bool:
        """Count one use; return whether the invite is used up and therefore gone."""
        invite.uses += 1
        if not invite.max_uses or invite.uses < invite.max_uses:
            return False
        del self.invites[invite.code]
        return True

    def invite_payload(self, invite: Invite, *, metadata: bool = True) -> dict[str, Any]:
        """Return an invite as the API shows it; ``metadata`` is uses, limits, age and time of creation."""
        payload = serializers.invite_payload(self, invite)
        payload["type"] = 0
        payload["guild"] = self.partial_guild(self.get_guild(invite.guild_id))
        if not invite.channel_id:
            payload["channel"] = None
            payload["channel_id"] = None
        if not metadata:
            for name in _METADATA:
                payload.pop(name, None)
        roles = self.get_guild(invite.guild_id).roles
        if invite.code in self.invite_roles:
            payload["roles"] = [
                {"id": str(role_id), "name": roles[role_id].name, "position": roles[role_id].position}
                for role_id in self.invite_roles[invite.code]
                if role_id in roles
            ]
        return payload

    def _created_payload(self, invite: Invite) -> dict[str, Any]:
        """Return what INVITE_CREATE tells: of the roles only their ids."""
        payload = self.invite_payload(invite)
        roles = payload.pop("roles", None)
        return payload if roles is None else {**payload, "role_ids": [role["id"] for role in roles]}

    def _free_code(self) -> str:
        while True:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
            if code not in self.invites:
                return code

    def _audit_invite(self, action: int, invite: Invite, by_id: int, reason: str | None) -> None:
        side = "new_value" if action == AUDIT_INVITE_CREATE else "old_value"
        facts = {
            "code": invite.code,
            "channel_id": str(invite.channel_id) if invite.channel_id else None,
            "inviter_id": str(invite.inviter_id) if invite.inviter_id else None,
            "uses": invite.uses,
            "max_uses": invite.max_uses,
            "max_age": invite.max_age,
            "temporary": invite.temporary,
        }
        changes = [{"key": key, side: value} for key, value in facts.items() if value is not None]
        self.record_audit_log(invite.guild_id, action, changes=changes, user_id=by_id, reason=reason)


def _has_expired(invite: Invite, now: datetime) -> bool:
    return invite.expires_at is not None and datetime.fromisoformat(invite.expires_at) <= now
