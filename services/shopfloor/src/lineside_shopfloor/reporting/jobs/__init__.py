"""What happens by itself: a shift ends, and running work goes on."""
