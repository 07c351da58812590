"""Text that admins write and people read: variables, embeds, dates."""
