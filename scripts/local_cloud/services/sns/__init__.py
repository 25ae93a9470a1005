"""SNS: email subscriptions."""
