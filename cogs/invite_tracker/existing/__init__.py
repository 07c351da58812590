"""Members from before: who was here when tracking began, put on record with who invited them, as far as Discord knows."""
