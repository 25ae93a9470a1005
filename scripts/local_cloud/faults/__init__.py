"""Faults that tests ask for: killed workers, and lost, repeated or late events."""
