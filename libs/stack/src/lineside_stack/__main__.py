"""Run the `lineside` command."""

from lineside_stack import cli


def main() -> None:
    """Run the command line."""
    cli.app()


if __name__ == "__main__":
    main()
