"""The catalogue of texts: collecting what the code says, keeping the translations beside it, checking both."""
