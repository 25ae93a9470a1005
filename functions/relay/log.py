"""One JSON object a line on standard output, which Lambda hands to CloudWatch Logs."""

import json
import os
import sys
from datetime import UTC, datetime

from relay import __version__

_LEVELS = {"INFO": 20, "ERROR": 40}


def log(level: str, message: str, **fields: object) -> None:
    """Writes a line unless `LOG_LEVEL` (INFO or ERROR) is above `level`. Never pass credentials or rows."""
    if _LEVELS[level] < _LEVELS.get(os.environ.get("LOG_LEVEL", "INFO"), 20):
        return
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": message}
    print(json.dumps(line | {"version": __version__} | fields, default=str), file=sys.stdout, flush=True)
