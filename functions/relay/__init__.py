"""What every function of Redshift Relay shares: the Data API, statement names, events, settings, logging."""

import pkgutil

__version__ = (pkgutil.get_data(__name__, "VERSION") or b"").decode().strip()
