"""`python -m redshift_relay`: the same as the console script `redshift-relay`."""

import sys

from redshift_relay.command_line import main

sys.exit(main())
