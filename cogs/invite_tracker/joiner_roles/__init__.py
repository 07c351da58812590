"""Roles for those who come by a link."""
