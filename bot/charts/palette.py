"""The colours of the charts: a dark card of its own, which stands well on Discord's dark and light themes."""

from typing import Final

from bot.charts.specs import Tone

CARD: Final = "#22262c"
BORDER: Final = "#3a414a"
TEXT: Final = "#f2f4f6"
MUTED: Final = "#aab2bd"
GRID: Final = "#363c45"
BASELINE: Final = "#59626e"
BEFORE: Final = "#c3c9d1"
GAP: Final = "#7c8592"

TONES: Final = {
    Tone.ACCENT: "#3ba88f",
    Tone.AMBER: "#f2b84b",
    Tone.VIOLET: "#a18eeb",
    Tone.RED: "#f77e64",
    Tone.NEUTRAL: "#657486",
}
"""The accent is that of everything the bot says."""
