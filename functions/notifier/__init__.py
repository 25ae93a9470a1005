"""Tells people that a load has ended, or why not."""
