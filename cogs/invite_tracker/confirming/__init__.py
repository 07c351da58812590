"""What Discord's member search knows of joins: asked for a little later, held against the record, repaired where it differs."""
