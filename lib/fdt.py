# Frostnet: device tree (flattened, Devicetree Specification 0.4 §5)
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import _virtio
from micropython import const

_MAGIC = const(0xD00DFEED)
_HEADER = const(40)
_BEGIN_NODE = const(1)
_END_NODE = const(2)
_PROP = const(3)
_NOP = const(4)
_END = const(9)
_MAX_DEPTH = const(32)

# Interrupt numbers in the tree count from the first of their kind (GICv2: SPI 32, PPI 16).
_SPI, _PPI = const(0), const(1)

_tree = None  # of tree()


class Node:
    """A node: `name`, `parent`, `props` {name: memoryview of the value}."""

    def __init__(self, name, parent):
        self.name = name
        self.parent = parent
        self.props = {}

    def path(self):
        """The full path, "/" for the root."""
        if not self.parent:
            return "/"
        above = self.parent.path()
        return above + self.name if above == "/" else above + "/" + self.name

    def cells(self, name):
        """A property as a list of 32-bit ints; [] if it is missing."""
        return _cells(self.props.get(name, b""))

    def strings(self, name):
        """A property as a list of strings; [] if it is missing."""
        raw = bytes(self.props.get(name, b""))
        return [s.decode() for s in raw.split(b"\0") if s]

    def compatible(self, name):
        return "compatible" in self.props and name in self.strings("compatible")

    def enabled(self):
        """False if the tree says that the device is not to be used."""
        return (self.strings("status") or ["okay"])[0] in ("okay", "ok")

    def cell_count(self, name, default):
        """`#address-cells` and the like, which rule this node's children."""
        return (self.cells(name) or [default])[0]

    def reg(self):
        """The register windows, a list of (address, size)."""
        up = self.parent
        widths = up.cell_count("#address-cells", 2), up.cell_count("#size-cells", 1)
        return self.table("reg", widths)

    def ranges(self):
        """A bus's windows, a list of (child address, parent address, size).

        For PCI the child address has three cells, the first of which names the space.
        """
        up = self.parent
        return self.table(
            "ranges",
            (
                self.cell_count("#address-cells", 2),
                up.cell_count("#address-cells", 2),
                self.cell_count("#size-cells", 1),
            ),
        )

    def table(self, name, widths):
        """A property that is a table, as tuples of ints of `widths` cells each."""
        cells = self.cells(name)
        step = sum(widths)
        rows = []
        if not step:
            return rows
        at = 0
        while at + step <= len(cells):
            row = []
            for width in widths:
                value = 0
                for cell in cells[at : at + width]:
                    value = value << 32 | cell
                row.append(value)
                at += width
            rows.append(tuple(row))
        return rows

    def interrupts(self):
        """The GIC's interrupt ids (INTID), in order."""
        out = []
        for kind, number, _ in self.table("interrupts", (1, 1, 1)):
            if kind == _SPI:
                out.append(number + 32)
            elif kind == _PPI:
                out.append(number + 16)
        return out


def walk(blob):
    """Yield every node of the tree in `blob`, parents first. ValueError if it is damaged.

    A node's properties are complete when it is yielded.
    """
    header = _cells(blob[:_HEADER])
    if len(header) < _HEADER // 4 or header[0] != _MAGIC:
        raise ValueError("no device tree: its magic number is missing")
    total, at, names = header[1:4]
    names_len, struct_len = header[8:10]
    end = at + struct_len
    if total > len(blob) or end > total or names + names_len > total or at & 3:
        raise ValueError("device tree is cut short")
    strings = bytes(blob[names : names + names_len])
    body = bytes(blob[:end])  # what find() works on
    known = {}  # names by their offset: few are used often
    node = done = None
    depth = 0
    while at + 4 <= end:
        token = _u32(blob, at)
        at += 4
        if token == _PROP:
            if not node or at + 8 > end:
                break
            size, name = _u32(blob, at), _u32(blob, at + 4)
            at += 8
            if name not in known:
                known[name] = _text(strings, name)
            node.props[known[name]] = blob[at : at + size]
            at += size + 3 & ~3
        elif token == _BEGIN_NODE or token == _END_NODE:
            # Only now are the properties of the node above complete.
            if node is not done and node:
                done = node
                yield node
            if token == _END_NODE:
                if not node:
                    break
                done = node = node.parent
                depth -= 1
                continue
            name = _text(body, at)
            at += len(name) + 4 & ~3
            depth += 1
            if depth > _MAX_DEPTH:
                raise ValueError("device tree is nested too deep")
            node = Node(name, node)
        elif token == _END and not node:
            return
        elif token != _NOP:
            break
    raise ValueError("device tree is damaged at offset %d" % at)


def find(blob, compatible):
    """The enabled nodes that are `compatible`, a list."""
    return _matching(walk(blob), compatible)


def tree():
    """All nodes of the machine's own tree, which is read once. ValueError if it is damaged."""
    global _tree
    if _tree is None:
        _tree = list(walk(_virtio.fdt()))
    return _tree


def machine(compatible):
    """The machine's enabled nodes that are `compatible`, a list; ValueError as of tree()."""
    return _matching(tree(), compatible)


def forget():
    """Have tree() read the tree again: for tests, whose machines change."""
    global _tree
    _tree = None


def _matching(nodes, compatible):
    return [n for n in nodes if n.compatible(compatible) and n.enabled()]


def _u32(b, at):
    return struct.unpack_from(">I", b, at)[0]


def _cells(raw):
    return list(struct.unpack_from(">%dI" % (len(raw) >> 2), raw))


def _text(b, at):
    stop = b.find(b"\0", at)
    if stop < 0 or at > len(b):
        raise ValueError("device tree is cut short in a name")
    return b[at:stop].decode()
