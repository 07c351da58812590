"""Who brought whom, as a tree: which joins make it, how much of it is shown, and how."""
