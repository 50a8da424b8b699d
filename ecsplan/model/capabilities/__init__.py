"""Abilities of kinds besides being listed, created, changed and deleted: one file for each capability."""
