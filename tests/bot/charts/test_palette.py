"""The colours are told apart by everybody, and the letters are read on the card."""

import math
from itertools import combinations

import pytest

from bot.charts import palette
from bot.charts.specs import Tone
from bot.ui.look import ACCENT

Colour = tuple[float, float, float]

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHTS = {
    "ordinary": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
DIFFERENT_FROM = 18.0
"""Distance in CIELAB; about 2 is the least that is seen side by side."""


def linear(colour: str) -> Colour:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return tuple(  # type: ignore[return-value]
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    )


def lab(colour: Colour) -> Colour:
    red, green, blue = (min(1.0, max(0.0, part)) for part in colour)
    parts = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, sight: str) -> Colour:
    parts = linear(colour)
    red, green, blue = (sum(a * b for a, b in zip(row, parts, strict=True)) for row in SIGHTS[sight])
    return lab((red, green, blue))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def distance(one: Colour, other: Colour) -> float:
    return math.dist(one, other)


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_tones_differ_for_every_kind_of_sight(sight: str) -> None:
    near = {
        (one, other): gap
        for one, other in combinations(Tone, 2)
        if (gap := distance(seen(palette.TONES[one], sight), seen(palette.TONES[other], sight)))
        < DIFFERENT_FROM
    }
    assert not near


def test_every_tone_stands_out_from_the_card() -> None:
    """Web Content Accessibility Guidelines, 1.4.11: graphics need a contrast of 3 to 1."""
    assert min(contrast(palette.TONES[tone], palette.CARD) for tone in Tone) >= 3


def test_letters_are_read_on_the_card() -> None:
    """Web Content Accessibility Guidelines, 1.4.3: text needs a contrast of 4.5 to 1."""
    assert min(contrast(colour, palette.CARD) for colour in (palette.TEXT, palette.MUTED)) >= 4.5


def test_the_accent_is_that_of_the_bot() -> None:
    assert palette.TONES[Tone.ACCENT] == str(ACCENT)
