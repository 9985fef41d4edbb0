# Frostnet: the board's faster look-up of names finds what is there, and nothing else
# MIT license; Copyright (c) 2026 The Frostnet authors

# Objects, classes, dictionaries and copies of them come, change and go at random, with garbage
# collections in between that give their memory to others; lists of pairs say what must be found.
CHECK = """
import gc, random

class A: pass
class B(A): x7 = "B"
class C:
    def __init__(self):
        for i in range(30):
            setattr(self, "y%d" % i, i)

NAMES = ["x%d" % i for i in range(40)]

def found(thing, name):
    if type(thing) is dict:
        return thing.get(name, None)
    return getattr(thing, name, None)

def expected(thing, model, name):
    value = model.get(NAMES.index(name))
    return "B" if value is None and type(thing) is B and name == "x7" else value

def run(seed):
    random.seed(seed)
    things = []  # (thing, {number of the name: value})
    looked = 0
    for turn in range(3000):
        what = random.randrange(100)
        if what < 12 or not things:
            things.append((random.choice((A, B, C, dict))(), {}))
        elif what < 16:
            thing, model = random.choice(things)
            if type(thing) is dict:
                things.append((thing.copy(), dict(model)))
        elif what < 24:
            del things[random.randrange(len(things))]
        elif what == 24:
            gc.collect()
        else:
            thing, model = random.choice(things)
            k = random.randrange(len(NAMES))
            name = NAMES[k]
            assert found(thing, name) == expected(thing, model, name), (seed, turn)
            if what < 50:
                model[k] = turn
                if type(thing) is dict:
                    thing[name] = turn
                else:
                    setattr(thing, name, turn)
            elif what < 65 and k in model:
                del model[k]
                if type(thing) is dict:
                    del thing[name]
                else:
                    delattr(thing, name)
            for _ in range(4):
                name = random.choice(NAMES)
                assert found(thing, name) == expected(thing, model, name), (seed, turn)
                looked += 1
        if len(things) > 60:
            del things[:30]
    return looked

print(sum(run(seed) for seed in range(20)))
"""

KEYWORDS = """
def f(**kw):
    return [kw.get(n) for n in ("a", "b", "c")]
for i in range(50):
    assert f(a=i) == [i, None, None]
    assert f(b=i) == [None, i, None]
    assert f(**{"c": i}) == [None, None, i]

class D: pass
d = D()
shown = d.__dict__
assert "later" not in shown and not hasattr(d, "later")
d.later = 1
assert d.later == 1 and hasattr(d, "later") and d.__dict__["later"] == 1
def use_global():
    try:
        return late_global
    except NameError:
        return None
assert use_global() is None
late_global = 5
assert use_global() == 5
del late_global
assert use_global() is None
print("ok")
"""


def test_names_are_found_as_the_model_says(board):
    assert int(board.exec(CHECK, 120)) > 50000


def test_names_that_come_later(board):
    assert board.exec(KEYWORDS).strip() == "ok"
