"""What a starboard post looks like: from Discord's raw message to content and embeds."""
