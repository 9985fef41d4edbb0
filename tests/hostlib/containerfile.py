# Frostnet: a Containerfile's steps, carried out without a container engine
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`parse` reads a Containerfile, `Build` carries it out in root file systems that somebody
provides. Known is what ours says: ARG, FROM … AS, RUN (a shell's), COPY, WORKDIR, USER, ENV,
EXPOSE, ENTRYPOINT and CMD (as JSON). Anything else is an error: nothing is left out in silence."""

import fnmatch
import json
import os
import re
import shlex
import shutil
from pathlib import Path

_KNOWN = {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "USER", "ENV", "EXPOSE", "ENTRYPOINT", "CMD"}


def parse(text):
    """A list of (instruction, its text), with continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    steps = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            if name not in _KNOWN:
                raise ValueError(f"{name} is not known to the test: teach it, or do without")
            steps.append((name, rest.strip()))
    return steps


class Image:
    """A root file system, and how a container of it starts."""

    def __init__(self, root):
        self.root = Path(root)
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.workdir = "/"
        self.user = None
        self.ports = set()
        self.entrypoint = []
        self.command = []

    def inside(self, path):
        """A path of the image, as this machine names it."""
        return self.root / os.path.join(self.workdir, path).lstrip("/")


class Build:
    """`base(name)` gives the root of a fresh image by name, `run(image, command)` runs a shell's
    command in it, `context` is the folder that is built from."""

    def __init__(self, context, base, run):
        self.context = Path(context)
        self.images = {}
        self._base = base
        self._run = run
        self._image = None
        self._args = {}

    def carry_out(self, steps):
        """Carry out all steps; the last stage's Image. The others are in `images` by name."""
        for name, text in steps:
            getattr(self, f"_{name.lower()}_step")(text)
        return self._image

    def _expand(self, text):
        known = {**self._args, **(self._image.env if self._image else {})}
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: known[m[1] or m[2]], text)

    def _arg_step(self, text):
        if self._image:
            raise ValueError("ARG within a stage is not known to the test")
        name, _, value = text.partition("=")
        self._args[name] = value

    def _from_step(self, text):
        name, _, alias = self._expand(text).partition(" AS ")
        self._image = Image(self._base(name))
        self.images[alias or len(self.images)] = self._image

    def _run_step(self, text):
        self._run(self._image, text)

    def _workdir_step(self, text):
        self._image.workdir = os.path.join(self._image.workdir, self._expand(text))
        self._image.inside("").mkdir(parents=True, exist_ok=True)

    def _user_step(self, text):
        self._image.user = self._expand(text)

    def _env_step(self, text):
        for pair in shlex.split(self._expand(text)):
            name, _, value = pair.partition("=")
            self._image.env[name] = value

    def _expose_step(self, text):
        self._image.ports |= {int(port) for port in text.split()}

    def _entrypoint_step(self, text):
        self._image.entrypoint = json.loads(text)

    def _cmd_step(self, text):
        self._image.command = json.loads(text)

    def _copy_step(self, text):
        *sources, target = self._expand(text).split()
        folder, ignore = self.context, ignored(self.context)
        if sources[0].startswith("--from="):
            folder, ignore = self.images[sources.pop(0).partition("=")[2]].root, None
        if not sources or sources[0].startswith("--"):
            raise ValueError(f"COPY {text} is not known to the test")
        to = self._image.inside(target)
        for source in sources:
            path = folder / source.lstrip("/")
            if path.is_dir():
                shutil.copytree(path, to, symlinks=True, ignore=ignore, dirs_exist_ok=True)
            else:
                into = to / path.name if target.endswith("/") or to.is_dir() else to
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, into)
        # What is copied is root's, whoever has it here.
        for path in [to, *to.rglob("*")]:
            os.chown(path, 0, 0, follow_symlinks=False)


def ignored(context):
    """shutil.copytree's `ignore` for what .dockerignore leaves out: names at the top, and after
    **/ names anywhere."""
    top, anywhere = [], []
    for line in (context / ".dockerignore").read_text().split("\n"):
        pattern = line.strip().rstrip("/")
        if pattern.startswith("**/"):
            anywhere.append(pattern[3:])
        elif pattern and not pattern.startswith("#"):
            top.append(pattern)
    if any("/" in pattern or pattern.startswith("!") for pattern in top + anywhere):
        raise ValueError(".dockerignore has a pattern that the test does not know")

    def ignore(folder, names):
        patterns = anywhere + (top if Path(folder) == context else [])
        return {name for name in names for p in patterns if fnmatch.fnmatchcase(name, p)}

    return ignore
