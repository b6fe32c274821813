"""The sign-in form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from bank.signin.form_token import CookieToken


class SignInForm(FlaskForm):
    """A name, a password, and where to go afterwards.

    Paste and password managers work: WCAG 2.2, success criterion 3.3.8.
    """

    class Meta(FlaskForm.Meta):
        """Works before there is a session."""

        csrf_class = CookieToken

    username = StringField(
        "User name",
        validators=[InputRequired("Enter your user name.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ConfirmForm(FlaskForm):
    """The password once more, and where to go afterwards."""

    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
