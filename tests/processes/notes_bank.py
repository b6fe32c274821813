"""The bank with one more page, which writes ``flask.session``, and with any timing.

The bank's own pages hardly ever write their session, and last for minutes. What is tested here
is what becomes of writes, and of limits, in a server that is real in everything else.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial

from flask import request, session
from flask_login import current_user, login_required

from bank import BankConfig, create_app, serve


class PreloadingServer(serve.Server):
    """Forks its workers from a process in which the application has answered already."""

    def load_config(self):
        """As the bank's, and the application is made before the fork."""
        super().load_config()
        self.cfg.set("preload_app", True)

    def load(self):
        """The application, with connections open to everything that it uses."""
        app = super().load()
        with app.test_client() as client:
            client.set_cookie("nightlatch", f"v1.{'0' * 32}.{'A' * 43}")
            assert client.get("/session").json["state"] == "anonymous"
            assert client.post("/session/extend").status_code == 401
        return app


def make(timing):
    """Return the bank with ``/notes``: each note is a key of the session of its own."""
    limits = {name: timedelta(seconds=seconds) for name, seconds in timing.items()}
    config = replace(BankConfig.from_env(), timing=limits, demo=True)
    app = create_app(config)

    @app.get("/notes")
    @login_required
    def read_notes():
        notes = {key: value for key, value in session.items() if key.startswith("note")}
        return {"user": current_user.name, "notes": notes, "worker": os.getpid()}

    @app.post("/notes")
    @login_required
    def write_notes():
        session.update(request.get_json())
        return {"user": current_user.name}

    return app


def main():
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--preload", action="store_true")
    parser.add_argument("--timing", type=json.loads, default={})
    options = parser.parse_args()
    listener = serve.listen("127.0.0.1", options.port)
    print(f"at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    kind = PreloadingServer if options.preload else serve.Server
    kind(partial(make, options.timing), listener).run()


if __name__ == "__main__":
    sys.exit(main())
