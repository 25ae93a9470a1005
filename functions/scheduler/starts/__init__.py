"""What starts loads: schedules, events, other loads, people."""
