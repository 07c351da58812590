"""Sentences that are kept for a while: whoever reads them later does so in a language of their own."""

from dataclasses import dataclass

from bot.text.language import Language, _, speaking


@dataclass(frozen=True, slots=True)
class Later:
    """A sentence with its values; as a `str` it is in the language of the context."""

    message: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return _(self.message, **dict(self.values))

    def in_english(self) -> str:
        """Return what goes into the log."""
        with speaking(Language.ENGLISH):
            return str(self)


def later(message: str, /, **values: object) -> Later:
    """Keep a sentence that is marked with N_; the values must be the same in every language."""
    return Later(message, tuple(values.items()))
