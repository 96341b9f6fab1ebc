"""What one replica does by itself, now and then."""
