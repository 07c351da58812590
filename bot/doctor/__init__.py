"""The doctor: finds what keeps the bot from its work, says what is lost by it, and what to do."""
