"""What people do to lanes, and ask about them."""
