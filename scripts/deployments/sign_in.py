"""The sign-in of gateway and page: a user pool of the local cloud's Cognito, with one client and one user."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from local_cloud.process import LocalCloud

_FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
_SCOPE = "openid profile"


@dataclass(frozen=True)
class SignIn:
    """An OIDC issuer with one client and one user, whose password is new in each run."""

    cloud: LocalCloud = field(repr=False)
    pool: str
    client_id: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def create(cls, cloud: LocalCloud, *, user: str = "reader", groups: tuple[str, ...] = ("analysts",)) -> "SignIn":
        """Creates the pool, the client and the user, and signs the user in."""
        cognito = cloud.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="relay-demo")["UserPool"]["Id"]
        client: dict[str, Any] = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="page",
            GenerateSecret=False,
            ExplicitAuthFlows=_FLOWS,
        )["UserPoolClient"]
        password = f"{secrets.token_urlsafe(12)}aA1!"
        name = [{"Name": "name", "Value": user.capitalize()}]
        cognito.admin_create_user(UserPoolId=pool, Username=user, UserAttributes=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
        for group in groups:
            cognito.create_group(UserPoolId=pool, GroupName=group)
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
        signed_in = cognito.initiate_auth(
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": password},
        )
        token = signed_in["AuthenticationResult"]["AccessToken"]
        return cls(cloud, pool, client["ClientId"], user, password, token)

    def allow_redirects_to(self, *addresses: str) -> None:
        """Lets the pages at these addresses sign users in and out: Cognito redirects to no other."""
        self.cloud.client("cognito-idp").update_user_pool_client(
            UserPoolId=self.pool,
            ClientId=self.client_id,
            ExplicitAuthFlows=_FLOWS,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=_SCOPE.split(),
            SupportedIdentityProviders=["COGNITO"],
            CallbackURLs=list(addresses),
            LogoutURLs=list(addresses),
        )

    @property
    def issuer(self) -> str:
        """The issuer as the tokens name it."""
        return f"https://cognito-idp.{self.cloud.ready['region']}.amazonaws.com/{self.pool}"

    @property
    def oidc(self) -> dict[str, Any]:
        """The page's `oidc`, with endpoints of this machine: the issuer's discovery document is not here."""
        endpoint = self.cloud.ready["endpoint"]
        return {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "scope": _SCOPE,
            "authorization_endpoint": f"{endpoint}/oauth2/authorize",
            "token_endpoint": f"{endpoint}/oauth2/token",
            "end_session_endpoint": f"{endpoint}/logout",
        }

    @property
    def authorization(self) -> dict[str, Any]:
        """The gateway's `authorization`: it accepts this pool's tokens for the page's client."""
        return {"mode": "JWT", "issuer": self.issuer, "audience": [self.client_id]}

    def exports(self) -> dict[str, str]:
        """The variables that a shell needs to sign in."""
        return {"ACCESS_TOKEN": self.token, "CONSOLE_USER": self.user, "CONSOLE_PASSWORD": self.password}


def sign_in_token(cloud: LocalCloud, pool: str, client_id: str, user: str = "reader") -> str:
    """Creates a user in an existing pool and returns its access token for a client."""
    cognito = cloud.client("cognito-idp")
    password = f"{secrets.token_urlsafe(12)}aA1!"
    cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    signed_in = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
    )
    token: str = signed_in["AuthenticationResult"]["AccessToken"]
    return token
