"""What people can do something about; a command prints the message and exits with 1."""


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why, in a person's words."""


class StartError(CommandError):
    """A server or service did not come up; the message carries the end of its log."""


class DirectoryInUseError(CommandError):
    """Another `lineside up` works on this data directory."""


class NotRunningError(CommandError):
    """A command needs a running stack, and none is found."""


class NotSetError(CommandError):
    """A variable that is needed is not in the environment."""
