"""Notifies subscribers when a load ends, or why it failed."""
