"""Questions and their runs: what is asked, and the statements that answer it."""
