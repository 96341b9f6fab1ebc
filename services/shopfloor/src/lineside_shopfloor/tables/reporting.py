"""Daily logs and summaries, effectiveness, equipment, maintenance and assets."""
