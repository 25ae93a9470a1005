"""Errors that a browser may see: the message is written for it, and says nothing of anybody else."""

from relay.errors import RelayError


class ClientError(RelayError):
    """Something about a request that its sender can know. `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_request(message: str) -> ClientError:
    """The message does not follow the protocol."""
    return ClientError("bad_request", message)


def bad_parameter(name: str, allowed: str) -> ClientError:
    """A parameter's value is missing, superfluous or of another type."""
    return ClientError("bad_parameter", f"{name}: {allowed}")
