"""The keys of the HTTP API: made, found and deleted; of each only a hash is stored.

A key has 256 random bits, so that one round of SHA-256 is enough: nobody can try them out.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Final

from bot.clock import Clock
from bot.errors import ConflictError, UnprocessableEntityError
from bot.text.language import _
from bot.web.callers import Caller, Right
from storage.api_keys import (
    KeyUse,
    StoredApiKey,
    delete_api_key,
    fetch_all_api_keys,
    insert_api_key,
    update_api_keys_without_creator,
    update_last_uses,
)
from storage.database import Database

_log = logging.getLogger(__name__)

KEYS_MOST: Final = 20
"""So many keys a guild may have."""
NAME_LENGTH_MOST: Final = 32
SECRET_BYTES: Final = 32
ID_BITS: Final = 32
TEXT_LENGTH_MOST: Final = 1024
"""What is longer is no key, and is not even hashed."""
OPERATOR_NAME: Final = "operator"

_KEY: Final = re.compile(r"hc_([0-9a-f]{8})_")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What there is to know of a key."""

    guild_id: int
    key_id: str
    """The public part of the key: eight hexadecimal digits."""
    name: str
    rights: frozenset[Right]
    created_by: int | None
    """None when that person does not want to be on record."""
    created_at_ms: int
    last_used_at_ms: int | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; its text is shown to one person, once."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(slots=True)
class _Kept:
    """A key in memory."""

    stored: StoredApiKey
    digest: bytes
    caller: Caller
    last_used_at_ms: int | None
    has_new_use: bool = False


class KeyBook:
    """All keys, in memory: every request asks for one."""

    def __init__(self, database: Database, clock: Clock, operator_key: str | None) -> None:
        """`operator_key` is the text of the key that reaches all guilds, if there is one."""
        self._database = database
        self._clock = clock
        self._kept: dict[int, _Kept] = {}
        self._changing = asyncio.Lock()
        self._is_open = False
        # Stands in where there is no key to compare with, so that looking takes equally long.
        self._nobody = secrets.token_bytes(hashlib.sha256().digest_size)
        self._operator = _digest_of(operator_key) if operator_key else self._nobody
        self._length_most = max(TEXT_LENGTH_MOST, len(operator_key or ""))

    async def open(self) -> None:
        """Load all keys; again it does nothing."""
        async with self._changing:
            if self._is_open:
                return
            async with self._database.read() as rx:
                for stored in await fetch_all_api_keys(rx):
                    self._keep(stored)
            self._is_open = True

    def find(self, text: str) -> Caller | None:
        """Return whose key this is, and note its use; None when it is nobody's.

        How long that takes does not tell how much of a key is right, nor whether its public part is one of ours.
        """
        if len(text) > self._length_most:
            return None
        digest = _digest_of(text)
        match = _KEY.match(text)
        kept = self._kept.get(int(match[1], 16)) if match else None
        is_operator = hmac.compare_digest(digest, self._operator)
        is_kept = hmac.compare_digest(digest, self._nobody if kept is None else kept.digest)
        if is_operator:
            return _OPERATOR
        if kept is None or not is_kept:
            return None
        kept.last_used_at_ms = self._clock.now_ms()
        kept.has_new_use = True
        return kept.caller

    async def store_uses(self) -> None:
        """Store when each key was used last; what cannot be stored now is stored the next time."""
        used = [kept for kept in self._kept.values() if kept.has_new_use]
        if not used:
            return
        uses = [
            KeyUse(kept.stored.guild_id, kept.stored.key_id, kept.last_used_at_ms)
            for kept in used
            if kept.last_used_at_ms is not None
        ]
        for kept in used:
            kept.has_new_use = False
        try:
            async with self._database.write() as tx:
                await update_last_uses(tx, uses)
        except BaseException:
            for kept in used:
                kept.has_new_use = True
            raise

    async def create(
        self, guild_id: int, name: str, rights: frozenset[Right], created_by: int | None
    ) -> NewKey:
        """Make a key of that guild.

        Raises UnprocessableEntityError for a name that is empty or too long, or without any right, and ConflictError when
        the guild has such a name already, or as many keys as it may have.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= NAME_LENGTH_MOST:
            raise UnprocessableEntityError(
                _("The name of a key must have 1 to {most} characters.", most=NAME_LENGTH_MOST)
            )
        if not rights:
            raise UnprocessableEntityError(_("A key without any right is of no use; give it at least one."))
        async with self._changing:
            present = self.keys_of(guild_id)
            if len(present) >= KEYS_MOST:
                raise ConflictError(
                    _("This server has {most} keys, and may not have more; delete one first.", most=KEYS_MOST)
                )
            if name.casefold() in {key.name.casefold() for key in present}:
                raise ConflictError(_("This server has a key of that name already; choose another name."))
            key_id = self._unused_id()
            text = f"hc_{key_id:08x}_{secrets.token_urlsafe(SECRET_BYTES)}"
            stored = StoredApiKey(
                guild_id=guild_id,
                key_id=key_id,
                name=name,
                key_hash=_digest_of(text).hex(),
                rights=tuple(right.value for right in Right if right in rights),
                created_by_user_id=created_by,
                created_at_ms=self._clock.now_ms(),
            )
            async with self._database.write() as tx:
                await insert_api_key(tx, stored)
            kept = self._keep(stored)
        _log.info(
            "An API key was created.",
            extra={"event": "api_key_created", "guild_id": guild_id, "key_id": f"{key_id:08x}"},
        )
        return NewKey(_shown(kept), text)

    async def delete(self, guild_id: int, key_id: str) -> ApiKey:
        """Delete a key of that guild and return what it was; it is refused from now on.

        Raises UnprocessableEntityError when there is none.
        """
        async with self._changing:
            kept = self._find_kept(guild_id, key_id)
            # Before it is deleted: a key that goes must not work for a moment longer.
            del self._kept[kept.stored.key_id]
            try:
                async with self._database.write() as tx:
                    await delete_api_key(tx, guild_id, kept.stored.key_id)
            except Exception:
                self._kept[kept.stored.key_id] = kept
                raise
        _log.info(
            "An API key was deleted.",
            extra={"event": "api_key_deleted", "guild_id": guild_id, "key_id": key_id},
        )
        return _shown(kept)

    def keys_of(self, guild_id: int) -> tuple[ApiKey, ...]:
        """Return the keys of a guild, by name."""
        found = [_shown(kept) for kept in self._kept.values() if kept.stored.guild_id == guild_id]
        return tuple(sorted(found, key=lambda key: key.name.casefold()))

    async def forget_creator(self, guild_id: int, user_id: int) -> int:
        """Forget that this person made keys of that guild, and return how many these were; the keys go on working."""
        async with self._changing:
            async with self._database.write() as tx:
                count = await update_api_keys_without_creator(tx, guild_id, user_id)
            for kept in self._kept.values():
                if (kept.stored.guild_id, kept.stored.created_by_user_id) == (guild_id, user_id):
                    kept.stored = replace(kept.stored, created_by_user_id=None)
        return count

    def forget(self, guild_id: int) -> None:
        """Refuse the keys of a guild whose data is deleted."""
        self._kept = {key_id: kept for key_id, kept in self._kept.items() if kept.stored.guild_id != guild_id}

    def _keep(self, stored: StoredApiKey) -> _Kept:
        kept = _Kept(
            stored=stored,
            digest=bytes.fromhex(stored.key_hash),
            caller=Caller(
                name=stored.name,
                rights=frozenset(map(Right, stored.rights)),
                guild_id=stored.guild_id,
                key_id=f"{stored.key_id:08x}",
            ),
            last_used_at_ms=stored.last_used_at_ms,
        )
        self._kept[stored.key_id] = kept
        return kept

    def _find_kept(self, guild_id: int, key_id: str) -> _Kept:
        for kept in self._kept.values():
            if kept.stored.guild_id == guild_id and kept.caller.key_id == key_id:
                return kept
        raise UnprocessableEntityError(_("This server has no such key; choose one from the list."))

    def _unused_id(self) -> int:
        """Return a public part that no key of any guild has: it is what a key is found by."""
        while (key_id := secrets.randbits(ID_BITS)) in self._kept:
            pass
        return key_id


_OPERATOR: Final = Caller(name=OPERATOR_NAME, rights=frozenset(Right), guild_id=None)


def _digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _shown(kept: _Kept) -> ApiKey:
    stored = kept.stored
    return ApiKey(
        guild_id=stored.guild_id,
        key_id=f"{stored.key_id:08x}",
        name=stored.name,
        rights=kept.caller.rights,
        created_by=stored.created_by_user_id,
        created_at_ms=stored.created_at_ms,
        last_used_at_ms=kept.last_used_at_ms,
    )
