"""The HTTP API: its contract with clients, its schema, and a day of using it."""
