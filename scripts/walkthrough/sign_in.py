"""A user pool of the local cloud's Cognito, as the gateway's sign-in: a user, and the token that a page would have."""

import secrets
from dataclasses import dataclass
from typing import Any

from walkthrough.cloud import LocalCloud


@dataclass(frozen=True)
class SignIn:
    """An OIDC issuer with one client and one user."""

    issuer: str
    client_id: str
    token: str

    @classmethod
    def create(cls, cloud: LocalCloud, *, user: str = "reader", groups: tuple[str, ...] = ("analysts",)) -> "SignIn":
        """Makes pool, client and user, and signs the user in."""
        cognito = cloud.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="relay-demo")["UserPool"]["Id"]
        client: dict[str, Any] = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="page",
            GenerateSecret=False,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
        password = f"{secrets.token_urlsafe(12)}aA1!"
        cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
        for group in groups:
            cognito.create_group(UserPoolId=pool, GroupName=group)
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
        signed_in = cognito.initiate_auth(
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": password},
        )
        return cls(
            issuer=f"https://cognito-idp.{cloud.ready['region']}.amazonaws.com/{pool}",
            client_id=client["ClientId"],
            token=signed_in["AuthenticationResult"]["AccessToken"],
        )

    @property
    def authorization(self) -> dict[str, Any]:
        """What the gateway is told: whose tokens open it."""
        return {"mode": "JWT", "issuer": self.issuer, "audience": [self.client_id]}
