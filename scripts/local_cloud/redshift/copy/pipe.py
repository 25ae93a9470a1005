"""The named pipe from which PostgreSQL reads the rows of a COPY."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class Aborted(Exception):
    """PostgreSQL no longer reads."""


class Pipe:
    """The writing end of a named pipe; another thread may abort it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path, 0o644)
        path.chmod(0o644)
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._aborted = False

    @property
    def aborted(self) -> bool:
        return self._aborted

    def open(self) -> None:
        """Waits until PostgreSQL opens its end."""
        descriptor = os.open(self.path, os.O_WRONLY)
        with self._lock:
            self._descriptor = descriptor
            if self._aborted:
                self._close()
                raise Aborted

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            with self._lock:
                if self._descriptor is None:
                    raise Aborted
                try:
                    view = view[os.write(self._descriptor, view) :]
                except BrokenPipeError:
                    raise Aborted from None

    def close(self) -> None:
        with self._lock:
            self._close()

    def abort(self) -> None:
        """The reader sees the end of the data; a writer that waits in open() continues."""
        with self._lock:
            self._aborted = True
            self._close()
        os.close(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
