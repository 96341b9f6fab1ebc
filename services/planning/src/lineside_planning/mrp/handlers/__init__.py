"""Events in: what others say becomes the projection, and what it touches is planned again."""
