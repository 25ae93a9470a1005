"""Answers as they are kept: messages that are made once for all clients."""
