"""Run the service: `python -m lineside_shopfloor`."""

from lineside_chassis.service import run_forever
from lineside_shopfloor.app import build
from lineside_shopfloor.settings import Settings

if __name__ == "__main__":
    run_forever(build(Settings()))
