"""Run the gateway until it is told to stop."""

from lineside_gateway import app, settings

if __name__ == "__main__":
    app.run(settings.Settings())
