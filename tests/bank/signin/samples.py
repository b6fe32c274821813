"""Hashes as other systems have left them.

Where they come from: `openssl passwd` for the three of crypt(3), published test vectors for
phpass and for bcrypt's "U*U", the standard library's hashlib for the rest.
"""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "café o’connor"


class Sample(NamedTuple):
    stored: str
    scheme: str
    password: str = PASSWORD


U = "U*U"

SAMPLES = {
    "md5": Sample("434e996166df5decb1c7e8f21316ce46", "md5"),
    "sha1": Sample("a9ce588431a5f367e73d7faac0dec85b20c5ba6f", "sha1"),
    "sha1-in-capitals": Sample("A9CE588431A5F367E73D7FAAC0DEC85B20C5BA6F", "sha1"),
    "salt-and-sha1": Sample("pepper$cf56dcf835dc117ce2e5f354ab3ba2c946617e81", "salted-sha1"),
    "django-sha1": Sample("sha1$a1b2$5e741efb8b1af3990cbb3d8fa46d5b3829a5d1b6", "salted-sha1"),
    "ssha": Sample("{SSHA}7VFqL3jO9MH+DkcBTOlLRSN9PJ8BAgME", "ldap-sha1"),
    "sha-of-ldap": Sample("{SHA}qc5YhDGl82fnPX+qwN7IWyDFum8=", "ldap-sha1"),
    "md5-crypt": Sample("$1$abcdefgh$CHiKG8F4/roOpx8NXrZaI0", "md5-crypt"),
    "sha256-crypt": Sample(
        "$5$abcdefgh$6Mt47C9hmBqTSfATdnfVRJ3BhXuYYSYPfxQnvAs4zF1", "sha256-crypt"
    ),
    "sha512-crypt": Sample(
        "$6$saltstring$WARcLgg4U79w2hverz5FuIL0g1sTkGGbXvv61wV87t9Q1NJYieI80isPgGWIV57hhDk8Y5DhRt5B"
        "qJ88FoM6B/",
        "sha512-crypt",
    ),
    "phpass": Sample("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "phpass", "test12345"),
    "phpass-of-phpbb": Sample("$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "phpass", "test12345"),
    "django-pbkdf2-sha256": Sample(
        "pbkdf2_sha256$1000$seasalt$NjVCle22gg92DDc2cN/PDP0aIhgbP1rcpA4BE8m+7YA=", "django-pbkdf2"
    ),
    "django-pbkdf2-sha1": Sample(
        "pbkdf2_sha1$1000$seasalt$JS2NdeHfxX0v8VIdEf6hQ0ee3gs=", "django-pbkdf2"
    ),
    "werkzeug-pbkdf2-sha1": Sample(
        "pbkdf2:sha1:1000$seasalt$252d8d75e1dfc57d2ff1521d11fea143479ede0b", "werkzeug-pbkdf2"
    ),
    "werkzeug-pbkdf2-sha256": Sample(
        "pbkdf2:sha256:1000$seasalt$"
        "36354295edb6820f760c373670dfcf0cfd1a22181b3f5adca40e0113c9beed80",
        "werkzeug-pbkdf2",
    ),
    "werkzeug-pbkdf2-sha512": Sample(
        "pbkdf2:sha512:1000$seasalt$4128c652d2618888893d406ebac63c7afb7ce2d06513b41352eb5d5940fbf5e"
        "0760c704a29453324ff6dabe04c05d5af36bada468f15d28f0597cd86f8dc5eb1",
        "werkzeug-pbkdf2",
    ),
    "werkzeug-scrypt": Sample(
        "scrypt:1024:8:1$seasalt$2796067d8b8f1b80a482a9691180d4d7c5c462c62bed9b0e4f92eacd23f22c49a2"
        "bbfcc863461b5a4ea6c730cd66aec47034fdfd5105df1a8a6c79b4d2e6cefe",
        "werkzeug-scrypt",
    ),
    "bcrypt-2a": Sample(
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "bcrypt", U
    ),
    "bcrypt-2b": Sample(
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "bcrypt", U
    ),
    "bcrypt-2y": Sample(
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "bcrypt", U
    ),
    "argon2i": Sample(
        "$argon2i$v=19$m=8,t=1,p=1$c2Vhc2FsdHNhbHQ$A11EK35nGTegfKZGb7D/QWYJZrVJhBALXF9jyPZnK7Q",
        "argon2",
    ),
    "weak-argon2id": Sample(
        "$argon2id$v=19$m=8,t=1,p=1$c2Vhc2FsdHNhbHQ$WdTNSeF6VgZw9w/g2NRU9Yd5f4CL2nZU4rrDMWDKItE",
        "argon2",
    ),
}
