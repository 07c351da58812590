"""Names and descriptions of the commands in the languages of the people who see them, from the one catalogue."""

from typing import Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.text.language import Language, _, is_translated, language_of_locale, pgettext, speaking

COMMAND_NAME: Final = "command name"
OPTION_NAME: Final = "option name"

_CONTEXTS: Final = {
    Location.command_name: COMMAND_NAME,
    Location.group_name: COMMAND_NAME,
    Location.parameter_name: OPTION_NAME,
}
"""Names have a context of their own in the catalogue, as Discord wants them in lower case and without spaces."""


class CommandTranslator(app_commands.Translator):
    """Answers discord.py when it publishes the commands; what is not translated stays English at Discord."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in this language, or None where there is none."""
        language = language_of_locale(locale.value)
        # Discord has some thirty languages, and discord.py asks for every text in each of them.
        if language is None or language is Language.ENGLISH:
            return None
        message, message_context = string.message, message_context_of(context)
        if not is_translated(message, language, message_context):
            return None
        with speaking(language):
            return _(message) if message_context is None else pgettext(message_context, message)


def message_context_of(context: app_commands.TranslationContextTypes) -> str | None:
    """Return the context that a text of a command has in the catalogue: names have one, other texts have none."""
    return _CONTEXTS.get(context.location)
