"""nightlatch for Flask: two lines, and ``flask.session`` and Flask-Login go on as they are.

::

    from nightlatch.flask import Nightlatch
    Nightlatch(app, idle=timedelta(minutes=15), absolute=timedelta(hours=8))

and ``{{ nightlatch() }}`` once in the base template.
"""

from nightlatch.flask.activity import active, passive
from nightlatch.flask.drafts import discard_draft
from nightlatch.flask.extension import Nightlatch
from nightlatch.flask.optional import optional
from nightlatch.flask.recent import require_recent
from nightlatch.flask.redirects import is_safe_next, safe_next
from nightlatch.flask.session import ServerSession, current_session

__all__ = [
    "Nightlatch",
    "ServerSession",
    "active",
    "current_session",
    "discard_draft",
    "is_safe_next",
    "optional",
    "passive",
    "require_recent",
    "safe_next",
]
