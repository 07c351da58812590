"""Taking the records of a guild out and in: as CSV or JSON lines, and from the files that other bots write."""
