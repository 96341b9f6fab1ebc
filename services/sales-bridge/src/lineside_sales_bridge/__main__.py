"""Run the service: `python -m lineside_sales_bridge`."""

from lineside_chassis.service import run_forever
from lineside_sales_bridge.app import build
from lineside_sales_bridge.settings import Settings

if __name__ == "__main__":
    run_forever(build(Settings()))
