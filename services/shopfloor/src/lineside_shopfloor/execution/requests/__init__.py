"""What people report from the floor, and what they ask of it."""
