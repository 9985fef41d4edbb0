# Frostnet: the pages of docs/ say nothing of files that are not there
# MIT license; Copyright (c) 2026 The Frostnet authors

import ast
import re
import subprocess

import pytest

from common import ROOT

COMMANDS, SERVICES = ROOT / "docs" / "commands", ROOT / "docs" / "services"

# A path that docs name is below one of these. Elsewhere are drives of the board ("/lib"), what
# was built, and the sources of MicroPython and QEMU.
BASES = [
    "", "docs", "lib", "lib/frostnet", "firmware", "firmware/httpd", "ports/aarch64",
    "ports/qemu_virt", "ports/unix", "tests", "tests/upstream", "tools", "tools/pytest_frostnet",
    "tools/pytest_frostnet/src",
]  # fmt: skip
# Other people's files: MicroPython's sources, Debian's, a project's that is an example.
FOREIGN = re.compile(
    r"(build|py|extmod|shared|drivers|frames|src|\.vscode|/.*)/.*|tests/(run-.*|serial_test\.py)"
)
FILE = re.compile(
    r"[\w.+-]+(/[\w.+-]+)*/([\w+-]+\.(py|pyi|c|h|S|md|sh|json|toml|txt|elf|png|svg))?"
)


def pages():
    listed = ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "*.md"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def prose(text):
    """A page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.M | re.S)


def anchors(page):
    """What GitHub and GitLab call the headings of a page."""
    found = set()
    for title in re.findall(r"^#+ +(.*)$", prose(page.read_text()), flags=re.M):
        title = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        n, name = 0, slug
        while name in found:
            n, name = n + 1, f"{slug}-{n + 1}"
        found.add(name)
    return found


def links(page):
    """Paths and anchors, relative to the page, that it links to or shows."""
    text = re.sub(r"`[^`]*`", "", prose(page.read_text()))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    def test_links_lead_somewhere(self, page):
        for link in links(page):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{link}: there is no such file"
            if anchor:
                assert anchor in anchors(target), f"{link}: no such heading there"

    def test_files_that_it_names_exist(self, page):
        """Names in backticks with a slash, that end as files or folders do."""
        bases = [ROOT / base for base in BASES] + [page.parent]
        for name in re.findall(r"`([^`\s]+/[^`\s]*)`", prose(page.read_text())):
            if FILE.fullmatch(name) and not FOREIGN.fullmatch(name):
                assert any((base / name).exists() for base in bases), f"there is no {name}"


def commands():
    """The public names of `net` that are commands."""
    tree = ast.parse((ROOT / "firmware" / "net" / "__init__.py").read_text())
    for node in tree.body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and getattr(value.func, "id", "") == "Command":
            yield node.targets[0].id


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_has_a_page(name):
    """With its name as title, and how it is called."""
    page = next(
        (p for p in (COMMANDS / f"{name}.md", SERVICES / f"{name}.md") if p.exists()), None
    )
    assert page, f"docs/commands/{name}.md, or docs/services/{name}.md, is missing"
    text = page.read_text()
    assert text.startswith(f"# {name}\n")
    assert f"net.{name}(" in text


@pytest.mark.parametrize(
    "folder", [COMMANDS, SERVICES, ROOT / "docs"], ids=lambda folder: folder.name
)
def test_every_page_is_in_its_index(folder):
    listed = set(links(folder / "README.md"))
    assert {page.name for page in folder.glob("*.md")} - {"README.md"} <= listed


def test_the_readme_fits_on_a_screen():
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 60 and max(map(len, lines)) <= 125


def names(path):
    """Functions, classes and their methods that a file defines; of C, functions."""
    text = path.read_text()
    if path.suffix == ".c":
        return set(re.findall(r"^(?:\w[\w *]*[ *])?(\w+)\([^;]*?\) \{$", text, flags=re.M))
    found = set()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{member.name}"
                for member in node.body
                if isinstance(member, ast.FunctionDef)
            }
    return found


def walked():
    """(file, what docs/afternoon.md says is in it). Behind a name with a dot others of that class
    may follow, which need no file."""
    text = " ".join((ROOT / "docs" / "afternoon.md").read_text().split())
    pattern = r"`([\w/.]+)` → ((?:`[\w.]+`(?:, | and | or )?)+)"
    for path, said in re.findall(pattern, text):
        for name in re.findall(r"`([\w.]+)`", said):
            yield path, name


@pytest.mark.parametrize("path, name", list(walked()))
def test_the_afternoon_leads_to_functions_that_exist(path, name):
    assert name in names(ROOT / path)


def test_the_afternoon_is_long():
    assert len(set(walked())) >= 35


def excerpts():
    text = (ROOT / "docs" / "protocol.md").read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S)


@pytest.mark.parametrize("excerpt", excerpts(), ids=lambda text: text.strip().splitlines()[0])
def test_what_is_shown_of_the_protocols_is_theirs(excerpt):
    sources = [*ROOT.glob("docs/examples/*.py"), *ROOT.glob("tests/wire/test_example_*.py")]
    assert any(excerpt in path.read_text() for path in sources)
