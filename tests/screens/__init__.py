"""Pictures of what the bot shows, for the documentation and for looking at: `make screens`."""
