"""Which changes are allowed, need approvals, or are forbidden: one evaluation of a policy file. Pure."""
