"""A certificate of the tests' own: WebKit refuses Secure cookies over plain HTTP, even here."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

# An address needs a subject alternative name of its own kind.
NAMES = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class PatientContext(ssl.SSLContext):
    """Shakes hands when the first byte is read, in the thread that serves the connection.

    Shaken on arrival, one that a browser opens to have it ready would hold up all that come after.
    """

    def wrap_socket(self, *args, **options):
        """As the original, but for the moment of the handshake."""
        return super().wrap_socket(*args, **options | {"do_handshake_on_connect": False})


@dataclass(frozen=True)
class Identity:
    """A key, and a certificate for 127.0.0.1 that it has signed itself."""

    certificate: Path
    key: Path

    def server_context(self):
        """Return what a server shows itself with."""
        context = PatientContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self):
        """Return what a client believes: this one and no other."""
        return ssl.create_default_context(cafile=self.certificate)


def make_identity(folder):
    """Make a key and its certificate in *folder*."""
    made = Identity(folder / "certificate.pem", folder / "key.pem")
    files = ("-keyout", made.key, "-out", made.certificate)
    subprocess.run(
        ["openssl", "req", "-x509", "-days", "2", *KEY, *NAMES, *files],
        check=True,
        capture_output=True,
    )
    return made
