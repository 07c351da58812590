"""Answers to interactions of other applications, which had something done with an invite through the HTTP API."""

from bot.text.language import _, speaking
from bot.web.interaction_answers import InteractionKey, edit_first_answer
from cogs.invite_tracker.invite_links import invite_url
from cogs.invite_tracker.use_cases.scope import UseCases


class InteractionUseCases(UseCases):
    """What is said, in the language of the server, to whoever asked another application."""

    async def answer_with_made_invite(self, guild_id: int, code: str, key: InteractionKey) -> None:
        """Answer with the link; raises DiscordRefusedError."""
        with speaking(self._language_of(self._guild(guild_id))):
            title = _("Your invite link")
        await edit_first_answer(self._client, key, f"{title}: {invite_url(code)}")

    async def answer_with_deleted_invite(self, guild_id: int, code: str, key: InteractionKey) -> None:
        """Answer that the link is gone; raises DiscordRefusedError."""
        with speaking(self._language_of(self._guild(guild_id))):
            text = _("`{code}` does not work any more. Its joins stay counted.", code=code)
        await edit_first_answer(self._client, key, text)
