"""The use cases of API keys, each once."""

from bot.client import HeadcountClient
from bot.errors import UnprocessableEntityError
from bot.settings.fields import NOTHING, SettingChange
from bot.text.language import _
from bot.web.callers import Right
from bot.web.keys import ApiKey, NewKey
from cogs.api_keys.wording import API_KEYS, key_line


class ApiKeyService:
    """What administrators do with the keys of their guild; what they did is told in its log channel."""

    def __init__(self, client: HeadcountClient) -> None:
        self._keys = client.parts.api_keys
        self._recorder = client.parts.recorder
        self._settings_log = client.settings_log

    async def create(self, guild_id: int, name: str, rights: frozenset[Right], user_id: int) -> NewKey:
        """Make a key; who opted out is not noted as the one who made it. Raises what `KeyBook.create` does."""
        is_opted_out = self._recorder.is_opted_out(guild_id, user_id)
        new = await self._keys.create(guild_id, name, rights, None if is_opted_out else user_id)
        self._settings_log.note(
            guild_id, API_KEYS, lambda: (SettingChange(_("Key"), _(NOTHING), key_line(new.key)),)
        )
        return new

    async def delete(self, guild_id: int, key_id: str) -> ApiKey:
        """Delete a key; it is refused from now on. Raises UnprocessableEntityError when there is none."""
        key = await self._keys.delete(guild_id, key_id)
        self._settings_log.note(
            guild_id, API_KEYS, lambda: (SettingChange(_("Key"), key_line(key), _(NOTHING)),)
        )
        return key

    def keys_of(self, guild_id: int) -> tuple[ApiKey, ...]:
        """Return the keys of a guild, by name."""
        return self._keys.keys_of(guild_id)

    def find(self, guild_id: int, typed: str) -> ApiKey:
        """Return the key of that id or name; raises UnprocessableEntityError when there is none."""
        wanted = " ".join(typed.split()).casefold()
        keys = self._keys.keys_of(guild_id)
        # A key may be called like the id of another one.
        for key in (*(key for key in keys if key.key_id == wanted), *keys):
            if wanted in {key.key_id, key.name.casefold()}:
                return key
        raise UnprocessableEntityError(_("This server has no such key; choose one from the list."))
