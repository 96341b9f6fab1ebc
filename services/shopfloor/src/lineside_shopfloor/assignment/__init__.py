"""Work comes to lanes: by hand, by itself, and whoever waits meanwhile."""
