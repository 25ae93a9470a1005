"""Trips of New York taxis: made up or read from TLC's files, and the answers that they must give."""
