"""What all tests share: Hypothesis draws the same examples in every run, and keeps none."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests",
    deadline=None,  # machines that run this are slow and shared
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.load_profile("tests")
