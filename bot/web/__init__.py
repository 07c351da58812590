"""The HTTP API: a server in the bot's own process, with keys, limits and one shape of answers; features bring the routes."""
