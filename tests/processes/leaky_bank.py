"""A bank with a page that lets a secret out in every way in which an application can."""

import logging
import sys

from flask import request

from bank import create_app


def make():
    """Return the application, with a handler that is added when everything is set up."""
    app = create_app()
    logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))

    @app.get("/leak")
    def leak():
        secret = request.args["token"]
        for name in ("gunicorn.error", "gunicorn.access", "werkzeug", app.logger.name, "bank.new"):
            log = logging.getLogger(name)
            log.error("in the arguments: %s", secret)
            log.error(f"in the message: {request.cookies}")
            log.error("%d", secret)
            log.error("in the fields", extra={"secret": secret, "seen": [secret]})
        raise ValueError(f"in an exception: {secret} {request.headers}")

    return app
