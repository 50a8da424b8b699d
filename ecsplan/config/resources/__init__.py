"""The blocks of a stack against the tables of their kinds: validated, expanded, resolved, in dependency order."""
