"""Signed approvals of a saved plan: the statement, its SSH signature, the files beside the plan, and the count."""
