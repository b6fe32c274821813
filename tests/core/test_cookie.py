"""The session cookie's header: how it is set, how it is taken away, what it may be called."""

import pytest

from nightlatch.cookie import CookiePolicy
from nightlatch.errors import SettingError


def test_on_a_secure_connection_the_cookie_belongs_to_this_host_alone():
    """``__Host-``, Secure, HttpOnly, the whole site, Lax; and gone with the browser."""
    header = CookiePolicy().set("token", secure=True)

    assert header == "__Host-nightlatch=token; Secure; HttpOnly; Path=/; SameSite=Lax"


def test_on_a_plain_connection_the_cookie_has_no_prefix():
    """A browser would refuse ``__Host-`` and ``Secure`` there."""
    header = CookiePolicy().set("token", secure=False)

    assert header == "nightlatch=token; HttpOnly; Path=/; SameSite=Lax"


@pytest.mark.parametrize("secure", [True, False])
def test_a_cookie_is_taken_away_with_the_attributes_that_it_was_set_with(secure):
    """Otherwise a browser keeps it: RFC 6265bis checks the prefix on deletion too."""
    policy = CookiePolicy(name="app", same_site="Strict")

    name, _, attributes = policy.set("token", secure=secure).partition("=token; ")
    deleted = policy.delete(secure=secure)

    assert deleted.startswith(f"{name}=; ")
    assert deleted.endswith(attributes)
    assert "Max-Age=0" in deleted
    assert "Expires=Thu, 01 Jan 1970 00:00:00 GMT" in deleted


@pytest.mark.parametrize(
    "name", ["", "my cookie", "a=b", "a;b", "a\r\nb", "ключ", "naïve", 5, None]
)
def test_a_name_that_is_no_cookie_name_stops_the_start(name):
    """The message names the setting, the value and what is allowed."""
    with pytest.raises(SettingError) as refused:
        CookiePolicy(name=name)

    assert refused.value.setting == "cookie_name"
    assert repr(name) in str(refused.value)
    assert "ASCII letters" in refused.value.allowed


@pytest.mark.parametrize("same_site", ["None", "none", "lax", None, True])
def test_a_cookie_that_other_sites_may_send_stops_the_start(same_site):
    """``SameSite`` is Lax or Strict, spelled so."""
    with pytest.raises(SettingError) as refused:
        CookiePolicy(same_site=same_site)

    assert refused.value.setting == "same_site"
    assert repr(same_site) in str(refused.value)
    assert refused.value.allowed == "'Lax' or 'Strict'"
