"""The payload of the token at `POST /ticket`: the exact claims, where API Gateway hands over texts.

API Gateway has checked signature, issuer, audience and expiry of this very token before it invokes the function. It
joins lists with blanks and without quotes, so ["read only", "admin"] and ["read", "only", "admin"] look alike:
https://github.com/floci-io/floci (ApiGatewayExecuteController.renderClaimValue, measured against AWS)
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from websocket_gateway.errors import ClientError


def payload(authorization: str | None, checked: Mapping[str, Any]) -> dict[str, Any]:
    """The claims in the header `Authorization`; raises ClientError unless they are those that API Gateway `checked`."""
    parts = re.sub("^bearer ", "", authorization or "", flags=re.IGNORECASE).split(".")
    if len(parts) != 3:
        raise _unreadable()
    try:
        claims = json.loads(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _unreadable() from None
    # Texts come as they are; of other types API Gateway's form is not documented.
    if not isinstance(claims, dict) or any(_differs(claims.get(name), value) for name, value in checked.items()):
        raise _unreadable()
    return claims


def _differs(claim: object, checked: object) -> bool:
    return claim is None or (isinstance(claim, str) and claim != checked)


def _unreadable() -> ClientError:
    return ClientError("unauthorized", "Your token cannot be read. Send it as Authorization: Bearer <token>.")
