"""Events in: what planning keeps of other services' master data."""
