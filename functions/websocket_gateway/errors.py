"""Errors that clients see: the messages are written for them, and reveal nothing of other clients."""

from relay.errors import RelayError


class ClientError(RelayError):
    """A request that cannot be served. `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_request(message: str) -> ClientError:
    """The message does not follow the protocol."""
    return ClientError("bad_request", message)


def bad_parameter(name: str, allowed: str) -> ClientError:
    """A parameter is missing, unknown or has an invalid value."""
    return ClientError("bad_parameter", f"{name}: {allowed}.")


def signed_out() -> ClientError:
    """The connection has ended."""
    return ClientError("signed_out", "The connection has ended, or your token has expired. Connect again.")
