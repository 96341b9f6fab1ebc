"""Events in, WebSocket messages out."""
