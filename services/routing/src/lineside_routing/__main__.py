"""Run the service: `python -m lineside_routing`."""

from lineside_chassis.service import run_forever
from lineside_routing.app import build
from lineside_routing.settings import Settings

if __name__ == "__main__":
    run_forever(build(Settings()))
