"""Which months of production logs lie in archives."""
