"""What every module's screens are made of: one look, and views that end gracefully."""
