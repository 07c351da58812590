"""The reference of commands, settings, variables and counters, written from the code: `make reference`."""
