"""`python -m ecsplan` is the command line."""

import sys

from ecsplan.cli.main import main

sys.exit(main())
