"""Run the service: `python -m lineside_predictions`."""

from lineside_chassis.service import run_forever
from lineside_predictions.app import build
from lineside_predictions.settings import Settings

if __name__ == "__main__":
    run_forever(build(Settings()))
