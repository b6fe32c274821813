"""A small application on a shared store, with limits of seconds: no passwords, no pages."""

import argparse
import os
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask, abort, request, session

from bank import serve
from nightlatch.flask import Nightlatch, current_session


def make(idle_s, absolute_s):
    """Return the application; its store is in the folder that all its processes share."""
    home = Path(os.environ["BANK_HOME"])
    app = Flask(__name__)
    app.secret_key = "only for tests"
    Nightlatch(
        app,
        idle=timedelta(seconds=idle_s),
        absolute=timedelta(seconds=absolute_s),
        warn=timedelta(seconds=idle_s / 4),
        store=f"sqlite:///{home}/sessions.db",
        demo=True,
    )

    @app.post("/sign-in")
    def sign_in():
        current_session().sign_in(request.get_json()["user"])
        return {"user": current_session().user}

    @app.route("/values", methods=["GET", "POST"])
    def values():
        if current_session().user is None:
            abort(401)
        if request.method == "POST":
            session.update(request.get_json())
        return {"user": current_session().user, "values": dict(session)}

    @app.post("/revoke")
    def revoke():
        user = current_session().user
        if user is None:
            abort(401)
        current_session().end_user(user, keep_this=request.get_json()["keep"])
        return {"revoked": user}

    return app


def main():
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--idle", type=float, required=True)
    parser.add_argument("--absolute", type=float, required=True)
    options = parser.parse_args()
    listener = serve.listen("127.0.0.1", options.port)
    print(f"at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    serve.Server(partial(make, options.idle, options.absolute), listener).run()


if __name__ == "__main__":
    sys.exit(main())
