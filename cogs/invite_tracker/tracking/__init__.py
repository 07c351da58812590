"""The way of a join: taken from the gateway, stored, decided, put on record, announced."""
