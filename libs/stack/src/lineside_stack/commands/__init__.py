"""The subcommands of `lineside`, one module each."""
