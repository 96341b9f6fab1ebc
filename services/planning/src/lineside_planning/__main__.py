"""Run planning: `python -m lineside_planning`."""

from lineside_chassis.service import run_forever
from lineside_planning import app
from lineside_planning.settings import Settings

if __name__ == "__main__":
    run_forever(app.build(Settings()))
