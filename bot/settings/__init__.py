"""Settings of a server: what they are, how they are changed, and who is told."""
