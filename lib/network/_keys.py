# Frostnet: arguments of the methods that are asked for one value or given several
# MIT license; Copyright (c) 2026 The Frostnet authors


def one(args):
    """The key that a call without keywords asks for; TypeError unless it is one."""
    if len(args) != 1:
        raise TypeError("must query one param")
    return args[0]


def none(args):
    """TypeError if a call with keywords has other arguments too."""
    if args:
        raise TypeError("can't specify pos and kw args")
