"""Discord's ids, which carry the time of their creation (Discord documentation, API Reference, Snowflakes)."""

from typing import Annotated

from pydantic import Field

Snowflake = Annotated[int, Field(gt=0, lt=1 << 63)]
"""An id in a settings document; the database takes whole numbers of 64 bits with a sign."""

DISCORD_EPOCH_MS = 1_420_070_400_000


def snowflake_ms(snowflake: int) -> int:
    """Return when the id was made, as UTC epoch milliseconds."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS
