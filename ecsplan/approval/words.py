"""The words of a statement."""

FORMAT = "ecsplan-approval/v1"
ALL = "all"
