"""The errors of the functions. Each message is written for the person who reads it in a log or a terminal."""

from collections.abc import Iterable


class RelayError(Exception):
    """Base of every error that the functions raise on purpose."""


class SettingsError(RelayError):
    """The environment of the function is incomplete or contradicts itself."""


class InputError(RelayError):
    """An event or an action's input cannot be used; names the field and what is allowed."""

    def __init__(self, field: str, allowed: str) -> None:
        super().__init__(f"{field}: {allowed}")
        self.field = field


class UnknownAction(InputError):
    """The event names an action that this function does not have."""

    def __init__(self, action: object, actions: Iterable[str]) -> None:
        super().__init__("action", f"{action!r} is not one of {', '.join(sorted(actions))}")


class CallFailed(RelayError):
    """A call to AWS failed, or AWS could not be reached.

    `code` is AWS's error code (`ValidationException`, `AccessDeniedException`, ...) or botocore's name of what went
    wrong (`ConnectTimeoutError`), `reason` the message.
    """

    def __init__(self, operation: str, code: str, reason: str) -> None:
        super().__init__(f"{operation} failed: {code}: {reason}")
        self.code = code
        self.reason = reason


class StatementNotFound(CallFailed):
    """No such statement, or another role's: AWS does not distinguish them (the same-role rule)."""

    def __init__(self, operation: str, code: str, reason: str) -> None:
        rule = "Redshift shows a statement for 24 hours, and only to the role that submitted it."
        super().__init__(operation, code, f"{reason} {rule}")
