"""How runs end: retries, events, loads that follow."""
