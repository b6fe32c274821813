"""What these tests need from the system, and what is said where it is not there."""

import shutil

# Both engines are served over HTTPS.
ALWAYS = (("openssl", "openssl"),)


def missing(needs):
    """Return what to tell the person who runs the tests; empty when nothing is missing.

    :param needs: programs, by name or path, and the Debian package that brings each.
    """
    wanted = dict(ALWAYS) | needs
    absent = {name: package for name, package in wanted.items() if not shutil.which(name)}
    if not absent:
        return ""
    return (
        f"these tests need {', '.join(absent)}. Run `make browsers`, or as an administrator: "
        f"apt-get install {' '.join(dict.fromkeys(absent.values()))}"
    )
