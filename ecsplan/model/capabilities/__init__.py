"""What a kind can do besides being listed, made, changed and deleted: one file for each capability."""
