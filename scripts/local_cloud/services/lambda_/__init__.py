"""Lambda: workers and asynchronous invocations."""
