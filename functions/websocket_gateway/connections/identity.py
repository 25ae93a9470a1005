"""What a connection may do, and until when: read from its ticket, or from the user's own authorizer."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.errors import ClientError


@dataclass(frozen=True)
class Identity:
    """The claims of a connection and the end of its token (epoch seconds; None: no end of its own).

    `kept` names the claims that were looked for when it signed in; None: all.
    """

    claims: Mapping[str, Any] = field(default_factory=dict)
    expires_at: int | None = None
    kept: frozenset[str] | None = None

    def check_kept(self, needed: frozenset[str]) -> None:
        """Raises ClientError if something is needed of the sign-in by now that was not looked for then."""
        if self.kept is not None and not needed <= self.kept:
            raise ClientError("signed_out", "what is asked of a sign-in has changed; connect again")

    def groups(self, claim: str) -> tuple[str, ...]:
        """The groups in a claim, which is a list, or a list as API Gateway writes it: `[a b]`."""
        value = self.claims.get(claim)
        if isinstance(value, list):
            return tuple(str(group) for group in value)
        if not isinstance(value, str):
            return ()
        if match := re.fullmatch(r"\[(.*)\]", value.strip(), re.DOTALL):
            return tuple(match[1].split())
        return tuple(value.replace(",", " ").split())


def from_token(claims: Mapping[str, Any], kept: frozenset[str]) -> Identity:
    """The claims of a token that API Gateway has checked, of which only the `kept` ones are; raises ClientError."""
    return Identity(_only(kept, claims), end_of(claims.get("exp")), kept)


def from_authorizer(context: Mapping[str, Any], kept: frozenset[str]) -> Identity:
    """The context of a CUSTOM authorizer: its values are the claims, `expires_at` (epoch seconds) the end.

    `sub` is by default the principal. Only the `kept` ones are. Raises ClientError where no authorizer has said who it
    is, or until when cannot be read.
    """
    if not isinstance(context.get("principalId"), str):
        raise ClientError("unauthorized", "no authorizer has let this connection in")
    claims = _only(kept, {"sub": context["principalId"], **context})
    return Identity(claims, end_of(context.get("expires_at")), kept)


def _only(kept: frozenset[str], claims: Mapping[str, Any]) -> dict[str, Any]:
    """What nobody asks for is not stored: a token holds names and addresses too."""
    return {name: value for name, value in claims.items() if name in kept}


def end_of(given: object) -> int | None:
    """A time in epoch seconds, also as API Gateway writes numbers into text (`1.7e+09`); None if there is none.

    Raises ClientError for anything else: a token whose end cannot be read opens nothing.
    """
    if given is None or given == "":
        return None
    try:
        seconds = float(str(given))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e12:
        raise ClientError("unauthorized", "the end of the sign-in cannot be read")
    return int(seconds)


def to_json(identity: Identity) -> str:
    """For the table."""
    kept = None if identity.kept is None else sorted(identity.kept)
    return json.dumps({"claims": dict(identity.claims), "expires_at": identity.expires_at, "kept": kept})


def from_json(text: str) -> Identity:
    """From the table."""
    stored = json.loads(text)
    kept = stored.get("kept")
    return Identity(stored["claims"], stored["expires_at"], None if kept is None else frozenset(kept))
