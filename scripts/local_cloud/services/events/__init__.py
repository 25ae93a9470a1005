"""EventBridge: delivery to the targets of rules."""
