"""Questions about capacity, lead times and promises."""
