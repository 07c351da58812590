"""Statistics: what happens in a guild, recorded and shown."""
