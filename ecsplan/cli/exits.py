"""The exit statuses, which scripts rely on."""

DONE = 0
ERROR = 1
CHANGES = 2  # of `plan --detailed-exitcode`, and of `drift`
REFUSED = 3
PARTLY = 4
USAGE = 64
INTERRUPTED = 130
