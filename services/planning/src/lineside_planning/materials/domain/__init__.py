"""Pure decisions about materials."""
