"""Free lanes and waiting work orders, as decisions need them."""
