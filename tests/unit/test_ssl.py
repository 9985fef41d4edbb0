# Frostnet: who is believed over TLS
# MIT license; Copyright (c) 2026 The Frostnet authors

try:
    import ssl
except ImportError:
    raise SystemExit("SKIP: no TLS in this build")

CA = "tests/hostlib/certificates/ca.pem"


def test_context_checks_no_certificate_until_told():
    # As MicroPython's ssl: programs for other boards name no authority and no host.
    for protocol in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER):
        context = ssl.SSLContext(protocol)
        assert context.verify_mode == ssl.CERT_NONE
        context.verify_mode = ssl.CERT_REQUIRED
        assert context.verify_mode == ssl.CERT_REQUIRED


def test_default_context_checks():
    assert ssl.create_default_context(cafile=CA).verify_mode == ssl.CERT_REQUIRED
    with open(CA, "rb") as f:
        assert ssl.create_default_context(cadata=f.read()).verify_mode == ssl.CERT_REQUIRED
