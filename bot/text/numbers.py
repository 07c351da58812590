"""Numbers as people read them, in the language of the context."""

from functools import cache

from babel.numbers import get_decimal_symbol, get_group_symbol

from bot.text.language import Language, current_language


def format_number(value: float) -> str:
    """Return all digits with separators; below 100 one decimal where there is one: `12,940`, `9.5`."""
    if abs(value) < 100:
        return in_language(f"{value:,.1f}".removesuffix(".0"))
    return in_language(f"{value:,.0f}")


def format_percent(share: float) -> str:
    """Return a change with its sign: `+12%`, `−4.5%`, `±0%`; what is more than tenfold as a factor: `×12`."""
    if share >= 9.995:
        return f"×{in_language(f'{share + 1:,.0f}')}"
    percent = abs(share) * 100
    digits = f"{percent:.0f}" if percent >= 9.95 else f"{percent:.1f}".removesuffix(".0")
    sign = "±" if digits == "0" else "+" if share > 0 else "−"
    return f"{sign}{in_language(digits)}{_percent_sign(current_language())}"


def format_signed(value: float) -> str:
    """Return a difference with its sign: `+24`, `−3`, `±0`."""
    digits = format_number(abs(value))
    if digits == "0":
        return "±0"
    return f"{'+' if value > 0 else '−'}{digits}"


def in_language(digits: str) -> str:
    """Return a number that Python has written, as in `12,940.5`, with the separators of the language."""
    language = current_language()
    return digits if language is Language.ENGLISH else digits.translate(_separators(language))


@cache
def _separators(language: Language) -> dict[int, str]:
    locale = language.locale
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})


@cache
def _percent_sign(language: Language) -> str:
    """Return what follows the digits, in some languages after a space that does not break."""
    sign: str = language.locale.percent_formats[None].suffix[0]
    return sign
