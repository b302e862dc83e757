"""A site that speaks TLS, by a certificate for "localhost" that nobody has signed.

Made by: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
-subj /CN=localhost -addext subjectAltName=DNS:localhost
"""

from __future__ import annotations

import ssl
from pathlib import Path

from tests.helpers.download_site import Site

KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgd8fdE+QOY2AkZ40x
teS5rLTCT3x4Sqg+CuLlqCS1R5qhRANCAAQ/iYELaQbcvXrpF4kTs5HQqo22IKpc
sjGWua2uVo+SLzF24nPb024CllcFp/UgD0yvZ8kSisLQP20NvatoqIt9
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUSExsbfyUscnUg+W/qyqrKiUOeXgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE1MDQyN1oYDzIxMjYxMTAy
MTUwNDI3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ/iYELaQbcvXrpF4kTs5HQqo22IKpcsjGWua2uVo+SLzF24nPb024C
llcFp/UgD0yvZ8kSisLQP20NvatoqIt9o2kwZzAdBgNVHQ4EFgQUwFAHSOZv5kl2
w10Evx3gPGE9hkAwHwYDVR0jBBgwFoAUwFAHSOZv5kl2w10Evx3gPGE9hkAwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAOTwrbiQcwAylcv1sn8w3V+gKv7VmaSmLVtsf0lW3rf4AiBTE3w+/7Be
v22EwrXMemAx123PiwQDqX7gT0jlLIaz0g==
-----END CERTIFICATE-----
"""


def speak_tls(site: Site, folder: Path) -> Path:
    """Let a site that serves nobody yet speak TLS; return its certificate."""
    certificate, both = folder / "certificate.pem", folder / "with-key.pem"
    certificate.write_text(CERTIFICATE)
    both.write_text(KEY + CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    site.socket = context.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=False)
    site.url = f"https://localhost:{site.server_port}"
    return certificate
