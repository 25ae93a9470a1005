"""What the demo shows: trips to load, the answers that they must give, and the walk from apply to message."""
