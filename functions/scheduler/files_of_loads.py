"""What the end of a run means for its files. `files/` implements it; a load without files needs nothing."""

from typing import Protocol

from scheduler.loads.request import Request


class FilesOfLoads(Protocol):
    """Both calls may be repeated. They raise nothing for a request that they have already handled."""

    def loaded(self, request: Request, /) -> None:
        """The run of a request with files has finished."""

    def failed(self, request: Request, error: str, /) -> tuple[str, ...] | None:
        """The last attempt of a request with files has failed; returns the addresses of the files that were set aside.

        None means that it is not known yet: the event that reports the failure waits for the next call, which the
        sweep makes within a minute.
        """


class NoFiles:
    """For functions without loads that files start."""

    def loaded(self, _request: Request, /) -> None:
        """Nothing to do."""

    def failed(self, _request: Request, _error: str, /) -> tuple[str, ...] | None:
        """No file is set aside."""
        return ()
