"""What API keys know of a person, and how they forget them: who made a key is the only thing."""

from bot.client import HeadcountClient
from bot.privacy import Amount, Erasure, Person, ReferenceCounts
from bot.text.language import ngettext
from cogs.api_keys.wording import API_KEYS
from storage.text_search import count_texts_containing


class ApiKeyPrivacy:
    """Counts and erases what refers to a person; their keys go on working, as nobody's."""

    title = API_KEYS

    def __init__(self, client: HeadcountClient) -> None:
        self._database = client.parts.database
        self._keys = client.parts.api_keys

    async def count_references(self, guild_id: int, person: Person) -> ReferenceCounts:
        """Return how many keys the person made, and how many are called by a name of theirs."""
        texts = await self._count_texts(guild_id, person)
        return ReferenceCounts(self._count_created(guild_id, person) + texts[0], *texts[1:])

    async def preview_erasure(self, guild_id: int, person: Person) -> Erasure:
        """Return what an erasure would do now."""
        texts = await self._count_texts(guild_id, person)
        return _describe(self._count_created(guild_id, person), max(texts))

    async def erase(self, guild_id: int, person: Person) -> Erasure:
        """Forget who made these keys."""
        texts = await self._count_texts(guild_id, person)
        return _describe(await self._keys.forget_creator(guild_id, person.user_id), max(texts))

    async def after_opting_out(self, guild_id: int, user_id: int) -> None:
        """Forget who made these keys."""
        await self._keys.forget_creator(guild_id, user_id)

    async def after_opting_in(self, guild_id: int, user_id: int) -> None:
        """Do nothing: what is forgotten does not come back."""

    def _count_created(self, guild_id: int, person: Person) -> int:
        return sum(key.created_by == person.user_id for key in self._keys.keys_of(guild_id))

    async def _count_texts(self, guild_id: int, person: Person) -> list[int]:
        async with self._database.read() as rx:
            return await count_texts_containing(rx, "api_keys", guild_id, person.texts)


def _describe(created: int, texts: int) -> Erasure:
    amount = Amount(
        ngettext(
            "that you made {count} API key, which goes on working",
            "that you made {count} API keys, which go on working",
            created,
        ),
        created,
    )
    kept = []
    if texts:
        kept.append(
            ngettext(
                "{count} API key is called by your id or a name of yours; an administrator can replace it.",
                "{count} API keys are called by your id or a name of yours; an administrator can replace them.",
                texts,
            )
        )
    return Erasure.of((amount,), kept)
