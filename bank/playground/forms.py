"""The form for other timing."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired

from bank.playground.state import TIMES
from nightlatch import Limits

WHOLE = "Enter a whole number of seconds."


class TimingForm(FlaskForm):
    """The four times, in seconds."""

    idle = IntegerField("Idle limit", validators=[InputRequired(WHOLE)])
    warn = IntegerField("Warning before the end", validators=[InputRequired(WHOLE)])
    absolute = IntegerField("Absolute limit", validators=[InputRequired(WHOLE)])
    ping_every = IntegerField("Shortest time between two pings", validators=[InputRequired(WHOLE)])

    def show(self, limits: Limits) -> None:
        """Fills in what holds now."""
        for name in TIMES:
            self[name].data = max(1, getattr(limits, f"{name}_ms") // 1000)

    def timing_s(self) -> dict[str, int]:
        """What was entered, once it has been found to be numbers."""
        return {name: self[name].data for name in TIMES}
