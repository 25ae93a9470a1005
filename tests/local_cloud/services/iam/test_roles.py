"""Role sessions of functions."""

from __future__ import annotations

from tests.local_cloud.setting import Setting, invoke


def test_user_ids_of_functions_hold_the_id_of_their_role(setting: Setting) -> None:
    role = setting.cloud.client("iam").get_role(RoleName=setting.name)["Role"]
    assert invoke(setting.cloud, setting.name, whoami=True) == f"{role['RoleId']}:{setting.name}"
