"""The exit statuses, which scripts rely on."""

DONE = 0
ERROR = 1
CHANGES = 2  # only with --detailed-exitcode
REFUSED = 3
PARTLY = 4
USAGE = 64
INTERRUPTED = 130
