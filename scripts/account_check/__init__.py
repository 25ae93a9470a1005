"""The acceptance check: pipeline, gateway and page, walked through in an AWS account against its warehouse."""
