"""Terraform configurations applied to the local cloud, for the demo, the benchmarks and the tests."""
