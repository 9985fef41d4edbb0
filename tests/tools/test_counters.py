# Frostnet: every counter is declared, used, and explained in docs/counters.md
# MIT license; Copyright (c) 2026 The Frostnet authors

import ast
import re

from common import ROOT

SOURCES = [
    path
    for folder in ("lib/frostnet", "lib/virtio")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
NAME = re.compile(r"[a-z]+(?:_[a-z]+)+|[a-z]+")


def texts(node):
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) is str
    }


def is_list_of_counters(node, path):
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    name = node.targets[0].id
    return name.strip("_") == "COUNTERS" or (path.name == "counters.py" and name.isupper())


def declared():
    """{name: file} of all counters that a Counters of the stack or of a driver has."""
    found = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            parts = []
            if is_list_of_counters(node, path):
                parts = [node.value]
            elif isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in ("register", "Counters"):
                    parts = node.args
            for part in parts:
                found.update(dict.fromkeys(texts(part), path.name))
    return found


def counted():
    """Names that something is added to, or that are named where what happened is named."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in ("count", "_count", "dropped", "bug"):
                    found |= {name for arg in node.args for name in texts(arg)}
            elif isinstance(node, ast.Assign) and "ERRORS" in ast.unparse(node.targets[0]):
                found |= texts(node.value)
    prefixes = {name for name in found if name.endswith("_")}  # count("impair_" + name)
    return found | {prefix + name for prefix in prefixes for name in found}


def documented():
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "counters.md").read_text(), re.M)
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    return names


def test_each_counter_is_explained_once_and_no_other():
    names = documented()
    assert len(names) > 150
    assert not [name for name in names if names.count(name) > 1 and name != "restarts"]
    real = set(declared())
    assert not real - set(names), "explain them in docs/counters.md"
    assert not set(names) - real, "docs/counters.md explains what there is not"


def test_each_counter_counts_something():
    assert not set(declared()) - counted(), "nothing is ever added to them"


def test_what_ends_a_packets_life_is_declared():
    """A misspelt name in a table of errors would only show when it is reached."""
    used = {name for name in counted() if re.match(r"[a-z]+(_fwd)?_drop_|bug_[a-z]+$", name)}
    assert len(used) > 60 and not used - set(declared())
