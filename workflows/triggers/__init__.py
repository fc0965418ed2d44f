"""What starts a run: events, deliveries, schedules."""
