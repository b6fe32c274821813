"""A bank with a page that lets a secret out in every way in which an application can."""

import logging
import logging.config
import sys

from flask import request

from bank import create_app
from tests.bank.audit.ways import take_all

LOGGERS = ("gunicorn.error", "gunicorn.access", "werkzeug", "bank", "bank.new.child", "")


def make():
    """Return the application, with a handler that is added when everything is set up."""
    app = create_app()
    logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))

    @app.get("/leak")
    def leak():
        secret = request.args["token"]
        take_all(*LOGGERS)
        for name in LOGGERS:
            log = logging.getLogger(name)
            log.error("in the arguments: %s", secret)
            log.error(f"in the message: {request.cookies}")
            log.error("%d", secret)
            log.error("in the fields", extra={"secret": secret, "seen": [secret]})
        raise ValueError(f"in an exception: {secret} {request.headers}")

    return app


def make_configured():
    """Return the same, with all of logging set up anew when everything is set up."""
    app = make()
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    own = {"handlers": ["all"], "propagate": False, "level": "DEBUG"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"all": handler},
            "root": {"handlers": ["all"], "level": "DEBUG"},
            "loggers": dict.fromkeys(("gunicorn.error", "gunicorn.access", "werkzeug"), own),
        }
    )
    return app
