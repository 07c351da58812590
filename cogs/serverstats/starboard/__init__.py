"""The starboard: messages with many stars are shown on a board, each once."""
