# Frostnet: apt's sources, in both formats, are understood
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from private_apt import AptError, debian_source, machine_sources, parse_deb822, parse_list

DEB822 = """\
# A comment.
Types: deb
URIs: http://vendor.example/apt
Suites: stable
Components: main

Types: deb deb-src
# Another, inside an entry.
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Architectures: amd64
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb https://vendor.example/apt stable main
deb http://security.example/debian bookworm-security main
deb [ arch=amd64,arm64 signed-by=/usr/share/keyrings/x.gpg check-valid-until=no ] \
http://mirror.example/debian bookworm main contrib # the mirror
"""


def test_deb822_keeps_an_embedded_key_and_skips_vendors():
    source = debian_source(parse_deb822(DEB822), types="deb-src", suites="trixie")
    assert source.splitlines() == [
        "Signed-By: ",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " mQINBF",
        " -----END PGP PUBLIC KEY BLOCK-----",
        "Types: deb-src",
        "Suites: trixie",
        "Uris: http://mirror.example/debian/",
        "Components: main",
    ]


def test_one_line_options_become_fields():
    source = debian_source(parse_list(ONE_LINE), types="deb", suites="trixie", architectures="x")
    assert set(source.splitlines()) == {
        "Types: deb",
        "Uris: http://mirror.example/debian",
        "Suites: trixie",
        "Components: main",
        "Architectures: x",
        "Signed-By: /usr/share/keyrings/x.gpg",
        "Check-Valid-Until: no",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: x\nComponents: contrib\n",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: x\nComponents: main\nEnabled: no",
        "Types: deb\nURIs: http://vendor.example/apt\nSuites: x\nComponents: main\n",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: ./\nComponents: main\n",
    ],
)
def test_without_a_debian_mirror_there_is_an_error(text):
    with pytest.raises(AptError):
        debian_source(parse_deb822(text), types="deb-src", suites="trixie")


def test_both_formats_are_read_and_other_files_are_not(tmp_path):
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example/debian x main\n")
    (folder / "b.sources").write_text("Types: deb\nURIs: http://b.example/debian\n")
    (folder / "c.list").write_text("deb http://c.example/debian x main\n")
    (folder / "d.list.disabled").write_text("deb http://d.example/debian x main\n")
    uris = [entry["uris"] for entry in machine_sources(tmp_path)]
    assert uris == [f"http://{name}.example/debian" for name in "abc"]
