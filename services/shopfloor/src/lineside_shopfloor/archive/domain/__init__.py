"""Pure decisions: which months are due, what a file holds, when it equals the table."""
