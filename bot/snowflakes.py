"""Discord's ids carry the time of their creation (Discord documentation, API Reference, Snowflakes)."""

DISCORD_EPOCH_MS = 1_420_070_400_000


def snowflake_ms(snowflake: int) -> int:
    """Return when the id was made, as UTC epoch milliseconds."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS
