"""The people and the money that a new bank begins with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank.accounts.ledger import move
from bank.accounts.models import CLEARING, CURRENT, SAVINGS, Account
from bank.db import Database
from bank.names import name_key
from bank.signin.models import User
from bank.signin.passwords import ARGON2ID, Scheme, make_hash

_DAY_MS = 24 * 60 * 60 * 1000
_SORT_CODE = "20-45-06"

# Days before the bank was opened, who, what for, and pence: above zero is money in.
_Past = tuple[tuple[int, str, str, int], ...]

_GEORGES_CURRENT: _Past = (
    (96, "Opening balance", "", 1_845_20),
    (92, "Halden Engineering Ltd", "Salary", 2_684_15),
    (91, "Mill Lane Lettings", "Rent", -975_00),
    (84, "Corner Greengrocer", "", -38_42),
    (71, "Northern Light Energy", "Account 7731", -112_60),
    (61, "Halden Engineering Ltd", "Salary", 2_684_15),
    (60, "Mill Lane Lettings", "Rent", -975_00),
    (52, "Café Zoë", "", -14_80),
    (44, "City Library", "Late fee", -2_50),
    (31, "Halden Engineering Ltd", "Salary", 2_684_15),
    (30, "Mill Lane Lettings", "Rent", -975_00),
    (23, "José Ωmega", "Birthday dinner", -46_00),
    (12, "Northern Light Energy", "Account 7731", -98_15),
    (6, "Corner Greengrocer", "", -41_07),
    (3, "Aoife Ní Bhriain", "Concert tickets", 64_00),
    (1, "Rail season ticket", "Zone 1 to 3", -148_90),
)
_GEORGES_SAVINGS: _Past = (
    (96, "Opening balance", "", 12_000_00),
    (62, "Interest", "", 34_12),
    (32, "Interest", "", 33_08),
    (2, "Interest", "", 34_31),
)
_OCONNORS_CURRENT: _Past = (
    (95, "Opening balance", "", 3_210_75),
    (90, "Dublin Street Clinic", "Salary", 3_120_40),
    (88, "Kelly & Sons", "Boiler service", -135_00),
    (59, "Dublin Street Clinic", "Salary", 3_120_40),
    (47, "Café Zoë", "", -22_35),
    (29, "Dublin Street Clinic", "Salary", 3_120_40),
    (21, "Seán Ó Súilleabháin", "Garden wall", -640_00),
    (10, "Northern Light Energy", "Account 2090", -87_44),
    (4, "Łukasz Żółć", "Piano lessons", -60_00),
    (2, "Corner Greengrocer", "", -27_93),
)
_OCONNORS_SAVINGS: _Past = (
    (95, "Opening balance", "", 8_400_00),
    (33, "Interest", "", 23_80),
    (3, "Interest", "", 24_02),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demonstration. The password is public knowledge."""

    name: str
    password: str
    full_name: str
    accounts: tuple[tuple[str, str, str, _Past], ...] = ()
    is_admin: bool = False


PEOPLE = (
    Person(
        "george",
        "george",
        "George Harper",
        (
            (CURRENT, "Current account", "30118842", _GEORGES_CURRENT),
            (SAVINGS, "Savings account", "30118859", _GEORGES_SAVINGS),
        ),
    ),
    Person(
        "O’Connor",
        "o’connor",
        "Niamh O’Connor",
        (
            (CURRENT, "Current account", "30206617", _OCONNORS_CURRENT),
            (SAVINGS, "Savings account", "30206625", _OCONNORS_SAVINGS),
        ),
    ),
    Person("admin", "admin", "Ada Okafor", is_admin=True),
)


def plant(database: Database, *, now_ms: int, scheme: Scheme = ARGON2ID) -> bool:
    """Gives a new bank its people and their past; leaves any other bank as it is.

    :param now_ms: the moment that the past leads up to, in milliseconds since the epoch.
    :param scheme: what their passwords are hashed with.
    :returns: whether there was anything to do. Of two processes that start together, one
        is told True.
    """
    with database.read() as session:
        if _planted(session):
            return False
    # Made before the database is held: hashing takes its time.
    hashes = [make_hash(person.password, scheme) for person in PEOPLE]
    with database.write(alone=True) as session:
        if _planted(session):
            return False
        outside = Account(
            kind=CLEARING, title="Other banks", sort_code=_SORT_CODE, number="00000000"
        )
        session.add(outside)
        for person, password_hash in zip(PEOPLE, hashes, strict=True):
            _open_accounts(session, person, password_hash, outside, now_ms)
    return True


def _planted(session: Session) -> bool:
    return session.scalar(select(Account.id).where(Account.kind == CLEARING)) is not None


def _open_accounts(
    session: Session, person: Person, password_hash: str, outside: Account, now_ms: int
) -> None:
    user = User(
        name=person.name,
        key=name_key(person.name),
        full_name=person.full_name,
        password_hash=password_hash,
    )
    if person.is_admin:
        user.make_admin()
    session.add(user)
    session.flush()
    for kind, title, number, past in person.accounts:
        account = Account(
            owner_id=user.id, kind=kind, title=title, sort_code=_SORT_CODE, number=number
        )
        session.add(account)
        session.flush()
        for days_ago, counterparty, reference, pence in past:
            source, target = (outside, account) if pence > 0 else (account, outside)
            move(
                session,
                source=source,
                target=target,
                amount_pence=abs(pence),
                counterparty=counterparty,
                reference=reference,
                made_ms=now_ms - days_ago * _DAY_MS,
            )
