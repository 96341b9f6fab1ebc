"""Pure decisions: how long the remaining work takes, and what a project's date is."""
