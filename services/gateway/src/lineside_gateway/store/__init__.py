"""What the gateway asks outside itself: the issuer's keys, the services, tickets, files, events."""
