"""The form that sends money."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Regexp, ValidationError

from bank.accounts.models import Account
from bank.money import BadAmount, parse_pence, pounds_text
from bank.names import BadText, clean
from bank.transfers.orders import Order

MAX_PAYEE_CHARS = 70
MAX_REFERENCE_CHARS = 35


class TransferForm(FlaskForm):
    """From which account, to whom, how much, and what for.

    ``form_key`` is new in every form that is handed out, and a key is carried out once: a
    second press, a reload or *Back* cannot send the money again.

    :cvar KEPT: the fields that come back after the password was asked for in between.
    """

    KEPT: ClassVar = ("from_account", "payee", "amount", "reference", "form_key")

    # Checked below, in words of ours.
    from_account = SelectField("From account", validate_choice=False)
    payee = StringField(
        "Payee name",
        validators=[InputRequired("Enter the name of the person or business to pay.")],
        render_kw={"autocomplete": "off", "dir": "auto"},
    )
    amount = StringField(
        "Amount in pounds",
        validators=[InputRequired("Enter the amount in pounds and pence, such as 12.50.")],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reference = StringField(
        "Reference (optional)", render_kw={"autocomplete": "off", "dir": "auto"}
    )
    form_key = HiddenField(validators=[Regexp(r"[A-Za-z0-9_-]{22}\Z")])

    def __init__(self, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._offered = {
            str(account.id): f"{account.title}, {pounds_text(account.balance_pence)}"
            for account in accounts
        }
        self.from_account.choices = list(self._offered.items())
        self.amount_pence = 0

    def renew_key(self) -> None:
        """Makes the form a new one: sending it again sends again."""
        self.form_key.data = secrets.token_urlsafe(16)

    def order(self) -> Order:
        """What the form asks for, once it has been found valid."""
        return Order(
            form_key=self.form_key.data or "",
            account_id=int(self.from_account.data or 0),
            payee=self.payee.data or "",
            amount_pence=self.amount_pence,
            reference=self.reference.data or "",
        )

    def validate_from_account(self, field: Field) -> None:
        """Takes the accounts that were offered, and no others."""
        if field.data not in self._offered:
            raise ValidationError("Choose one of your accounts.")

    def validate_payee(self, field: Field) -> None:
        """Keeps any name that people write, in one spelling."""
        field.data = _cleaned(field.data, MAX_PAYEE_CHARS)
        if not field.data:
            raise ValidationError("Enter the name of the person or business to pay.")

    def validate_reference(self, field: Field) -> None:
        """May be left empty."""
        field.data = _cleaned(field.data or "", MAX_REFERENCE_CHARS)

    def validate_amount(self, field: Field) -> None:
        """Reads the amount into :attr:`amount_pence`."""
        try:
            self.amount_pence = parse_pence(field.data)
        except BadAmount as error:
            raise ValidationError(str(error)) from error


def _cleaned(text: str, max_chars: int) -> str:
    try:
        return clean(text, max_chars=max_chars)
    except BadText as error:
        raise ValidationError(str(error)) from error
