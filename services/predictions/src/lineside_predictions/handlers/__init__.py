"""Events in: what predictions rest on, and the time plants work by."""
