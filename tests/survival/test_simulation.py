"""Seeded simulation: random stacks, edits, outside edits and faults in virtual time; a failing seed replays."""
