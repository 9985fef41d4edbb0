# Frostnet: which function answers a request
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.server.error import Refused


class NotAllowed(Refused):
    """There is the path, but not for this method; `allow` has those that there are."""

    def __init__(self, allow):
        super().__init__(405, "this path has only " + ", ".join(allow))
        self.allow = allow
        self.fields = [("Allow", ", ".join(allow))]


class Router:
    """Patterns such as "/led", "/led/<name>" and "/files/<path:rest>", and their functions.

    The parts in angle brackets are given to the function as arguments. A pattern without such
    parts is found by one look; the others in the order in which they were added.
    """

    def __init__(self):
        self._exact = {}  # path -> {method: function}
        self._patterns = []  # (parts, {method: function})

    def add(self, pattern, function, methods=("GET",)):
        """Let `function` answer requests for `pattern`. ValueError for what is no pattern."""
        if pattern[:1] != "/":
            raise ValueError("a route begins with a slash: " + pattern)
        if "<" not in pattern:
            table = self._exact.setdefault(pattern, {})
        else:
            parts = [_part(text) for text in pattern[1:].split("/")]
            if any(kind == "path" for kind, _ in parts[:-1]):
                raise ValueError("<path:…> must be the last part of a route: " + pattern)
            table = {}
            for known, methods_of in self._patterns:
                if known == parts:
                    table = methods_of
                    break
            else:
                self._patterns.append((parts, table))
        for method in methods:
            table[method] = function

    def find(self, method, path):
        """Return (function, arguments) for a path, or None. NotAllowed. GET answers HEAD too."""
        table = self._exact.get(path)
        args = ()
        if table is None:
            for parts, methods in self._patterns:
                args = _match(parts, path)
                if args is not None:
                    table = methods
                    break
            else:
                return None
        function = table.get(method)
        if function is None and method == "HEAD":
            function = table.get("GET")
        if function is None:
            allow = set(table)
            if "GET" in allow:
                allow.add("HEAD")
            raise NotAllowed(sorted(allow))
        return function, args


# ("", text) for a part that must be equal, ("name" or "path", name) for one in angle brackets.
def _part(text):
    if text[:1] != "<":
        if "<" in text or ">" in text:
            raise ValueError("a part of a route is a name in angle brackets, or has none: " + text)
        return "", text
    if text[-1:] != ">":
        raise ValueError("a part of a route has no closing bracket: " + text)
    kind, colon, name = text[1:-1].rpartition(":")
    if kind not in ("", "path") or not name:
        raise ValueError("a part of a route is <name> or <path:name>: " + text)
    return kind or "name", name


def _match(parts, path):
    words = path[1:].split("/", len(parts) - 1)
    if len(words) != len(parts):
        return None
    args = []
    for (kind, text), word in zip(parts, words):
        if not kind:
            if text != word:
                return None
        else:
            if not word or (kind == "name" and "/" in word):
                return None
            args.append(word)
    return args
