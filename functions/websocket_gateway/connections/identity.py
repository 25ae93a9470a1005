"""Who a connection belongs to, and until when: read from its ticket or from the user's own authorizer."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.errors import ClientError


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
    """The identity in a token that API Gateway has checked, with only the `kept` claims; raises ClientError."""
    return Identity(_only(kept, claims), parse_expiry(claims.get("exp")), kept, _person(claims.get("sub")))


def from_authorizer(context: Mapping[str, Any], kept: frozenset[str]) -> Identity:
    """The identity in the context of a CUSTOM authorizer: its values are the claims, `expires_at` (epoch seconds) the
    expiry. `sub` defaults to the principal. Only the `kept` claims are taken.

    Raises ClientError where no authorizer has identified the client, or where the expiry cannot be read.
    """
    if not isinstance(context.get("principalId"), str):
        raise ClientError("unauthorized", "No authorizer has accepted this connection.")
    claims = _only(kept, {"sub": context["principalId"], **context})
    return Identity(claims, parse_expiry(context.get("expires_at")), kept, _person(context["principalId"]))


def _person(subject: object) -> str:
    """A hash, because subjects may be names or addresses. Those whose tokens name no subject count as one person."""
    return hashlib.sha256(str(subject).encode(errors="surrogatepass")).hexdigest()[:12]


def _only(kept: frozenset[str], claims: Mapping[str, Any]) -> dict[str, Any]:
    """Other claims are not stored: tokens hold names and addresses too."""
    return {name: value for name, value in claims.items() if name in kept}


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
