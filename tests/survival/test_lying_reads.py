"""Reads that lie: nothing is created or deleted on unproven absence; refused or waited out, and then it converges."""
