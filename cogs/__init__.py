"""Features, one package each; each is loaded by name as a discord.py extension."""
