"""Production logs in the long run: months made ahead, archived after two years, read again."""
