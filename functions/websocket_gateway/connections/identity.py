"""Who a connection belongs to, and until when: read from its ticket or from the user's own authorizer."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.errors import ClientError

_EXPONENT = re.compile(r"-?[0-9](\.[0-9]+)?[eE][+-]?[0-9]+")
"""A number as API Gateway may write it into the context of an authorizer."""
_SCOPES = ("scope", "scp")
"""Claims that list names in one text: https://www.rfc-editor.org/rfc/rfc8693.html#section-4.2"""


@dataclass(frozen=True)
class Identity:
    """The claims of a connection and the expiry of its token (epoch seconds; None: the token has none).

    `kept` names the claims that were looked for at sign-in, whether the token had them or not; None: all. `person`
    tells people apart without naming them; empty: nobody signed in.
    """

    claims: Mapping[str, Any] = field(default_factory=dict)
    expires_at: int | None = None
    kept: frozenset[str] | None = None
    person: str = ""

    def check_kept(self, required: frozenset[str]) -> None:
        """Raises ClientError if the queries require a claim by now that was not looked for at sign-in."""
        if self.kept is not None and not required <= self.kept:
            raise ClientError("signed_out", "The queries now require other claims of your token. Connect again.")

    def groups(self, claim: str, *, is_list_as_text: bool = False) -> tuple[str, ...]:
        """The groups in a claim: a list, or a text that names one group.

        With `is_list_as_text`, and in the claims `scope` and `scp`, a text lists names, separated by U+0020 or commas.
        """
        value = self.claims.get(claim)
        if isinstance(value, list):
            return tuple(value)
        if not isinstance(value, str):
            return ()
        if is_list_as_text or claim in _SCOPES:
            return tuple(name for name in re.split("[ ,]", value.removeprefix("[").removesuffix("]")) if name)
        return (value,)


def from_token(claims: Mapping[str, Any], kept: frozenset[str]) -> Identity:
    """The identity in the payload of a token that API Gateway has checked, with only the `kept` claims.

    Raises ClientError for a token without an expiry and for claims that are not exact.
    """
    expiry = claims.get("exp")
    if not _is_number(expiry):
        raise ClientError("unauthorized", "Your token has no expiry.")
    return Identity(_only(kept, claims), parse_expiry(expiry), kept, _person(claims.get("sub")))


def from_authorizer(context: Mapping[str, Any], kept: frozenset[str]) -> Identity:
    """The identity in the context of a CUSTOM authorizer: its values are the claims, `expires_at` (epoch seconds) the
    expiry. `sub` defaults to the principal. Only the `kept` claims are taken.

    Raises ClientError where no authorizer has identified the client, or where the expiry cannot be read.
    """
    if not isinstance(context.get("principalId"), str):
        raise ClientError("unauthorized", "No authorizer has accepted this connection.")
    for name in kept & context.keys():
        if isinstance(context[name], str) and _EXPONENT.fullmatch(context[name]):
            raise ClientError("unauthorized", f"The claim {name!r} is a number that lost digits. Return it as text.")
    claims = _only(kept, {"sub": context["principalId"], **context})
    return Identity(claims, parse_expiry(context.get("expires_at")), kept, _person(context["principalId"]))


def _person(subject: object) -> str:
    """A hash, because subjects may be names or addresses. Those whose tokens name no subject count as one person."""
    return hashlib.sha256(str(subject).encode(errors="surrogatepass")).hexdigest()[:12]


def _only(kept: frozenset[str], claims: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Other claims are not stored: tokens hold names and addresses too."""
    return {name: _exact(name, value) for name, value in claims.items() if name in kept and value is not None}


def _exact(name: str, value: object) -> str | list[str]:
    """A claim as text; raises ClientError where text could stand for another value, or where SQL cannot hold it."""
    if isinstance(value, list):
        return [_exact_text(name, one) for one in value]
    return _exact_text(name, value)


def _exact_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise ClientError(
            "unauthorized", f"The claim {name!r} must be valid text or a whole number, or a list of these."
        )
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def parse_expiry(given: object) -> int | None:
    """A time in epoch seconds, also as API Gateway writes numbers into text (`1.7e+09`); None if there is none.

    Raises ClientError for anything else: a token with an unreadable expiry is rejected.
    """
    if given is None or given == "":
        return None
    try:
        seconds = float(str(given))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e12:
        raise ClientError("unauthorized", "The expiry of your token cannot be read.")
    return int(seconds)


def to_json(identity: Identity) -> str:
    """The identity as the table stores it."""
    kept = None if identity.kept is None else sorted(identity.kept)
    stored = {"claims": dict(identity.claims), "expires_at": identity.expires_at, "kept": kept}
    return json.dumps({**stored, "person": identity.person})


def from_json(text: str) -> Identity:
    """The identity that the table stores."""
    stored = json.loads(text)
    kept = stored.get("kept")
    kept = None if kept is None else frozenset(kept)
    return Identity(stored["claims"], stored["expires_at"], kept, stored.get("person", ""))
