"""English words for everything in the world; the first of each row is the plainest."""

from __future__ import annotations

from whenabouts.shapeworld.axes import Action, Colour, Ground, Light, Shape, Size

SHAPES: dict[Shape, tuple[str, ...]] = {
    "circle": ("circle", "disc", "dot"),
    "square": ("square", "box"),
    "triangle": ("triangle",),
    "star": ("star", "five-pointed star"),
    "hexagon": ("hexagon",),
    "heart": ("heart", "heart shape"),
    "cross": ("cross", "plus sign"),
    "ring": ("ring", "hoop"),
    "diamond": ("diamond", "rhombus"),
    "crescent": ("crescent", "crescent moon"),
}
PLURALS: dict[str, str] = {
    "box": "boxes",
    "cross": "crosses",
    "rhombus": "rhombuses",
    "shape": "shapes",
    "thing": "things",
}
"""The irregular ones; all others take an s."""
COLOURS: dict[Colour, tuple[str, ...]] = {
    "red": ("red",),
    "orange": ("orange",),
    "yellow": ("yellow",),
    "green": ("green",),
    "cyan": ("cyan", "turquoise"),
    "blue": ("blue",),
    "purple": ("purple", "violet"),
    "pink": ("pink",),
    "brown": ("brown",),
    "white": ("white",),
    "grey": ("grey", "gray"),
    "black": ("black",),
}
SIZES: dict[Size, tuple[str, ...]] = {
    "small": ("small", "little", "tiny"),
    "large": ("large", "big", "huge"),
}
COUNTS: dict[int, tuple[str, ...]] = {
    1: ("a", "one", "a single"),
    2: ("two", "a pair of"),
    3: ("three",),
    4: ("four",),
}
THING: tuple[str, ...] = ("shape", "thing")
"""For somebody whose shape is not said."""

ACTIONS: dict[Action, tuple[tuple[str, str], ...]] = {
    "moves left": (("move", "left"), ("move", "to the left"), ("slide", "to the left"),
                   ("go", "left"), ("travel", "from right to left")),
    "moves right": (("move", "right"), ("move", "to the right"), ("slide", "to the right"),
                    ("go", "right"), ("travel", "from left to right")),
    "moves up": (("move", "up"), ("move", "upwards"), ("rise", ""), ("go", "up"),
                 ("climb", "upwards")),
    "moves down": (("move", "down"), ("move", "downwards"), ("sink", ""), ("go", "down"),
                   ("descend", "")),
    "bounces": (("bounce", ""), ("bounce", "up and down"), ("hop", "up and down"),
                ("jump", "up and down")),
    "spins": (("spin", ""), ("rotate", ""), ("turn", "around"), ("spin", "in place")),
    "grows": (("grow", ""), ("get", "bigger"), ("become", "larger"), ("expand", "")),
    "shrinks": (("shrink", ""), ("get", "smaller"), ("become", "smaller")),
    "blinks": (("blink", ""), ("flash", ""), ("blink", "on and off"), ("flicker", "")),
    "shakes": (("shake", ""), ("tremble", ""), ("vibrate", ""), ("shake", "back and forth")),
    "circles around": (("circle", "around"), ("move", "in a circle"), ("go", "round in circles")),
    "stands still": (("stand", "still"), ("stay", "still"), ("remain", "still"),
                     ("rest", "in one place")),
    "appears": (("appear", ""), ("show", "up"), ("come", "into view"), ("fade", "in")),
    "disappears": (("disappear", ""), ("vanish", ""), ("fade", "away")),
    "changes colour": (("turn", "{to}"), ("become", "{to}"), ("change", "colour to {to}")),
    "changes shape": (("turn", "into {to}"), ("become", "{to}"), ("change", "into {to}")),
    "left of": (("be", "left of {p}"), ("be", "to the left of {p}"),
                ("stand", "on the left side of {p}")),
    "right of": (("be", "right of {p}"), ("be", "to the right of {p}"),
                 ("stand", "on the right side of {p}")),
    "above": (("be", "above {p}"), ("be", "over {p}"), ("hover", "above {p}")),
    "below": (("be", "below {p}"), ("be", "under {p}"), ("stand", "beneath {p}")),
    "inside": (("be", "inside {p}"), ("sit", "inside {p}"), ("be", "within {p}")),
    "chases": (("chase", "{p}"), ("follow", "{p}"), ("run", "after {p}"), ("pursue", "{p}")),
    "collides with": (("collide", "with {p}"), ("bump", "into {p}"), ("crash", "into {p}"),
                      ("hit", "{p}")),
    "passes in front of": (("pass", "in front of {p}"), ("move", "in front of {p}"),
                           ("cross", "in front of {p}")),
}  # fmt: skip
"""Verb and what follows it; `{p}` is the partner and `{to}` what the actor becomes."""
TURNED: dict[Action, tuple[tuple[str, str], ...]] = {
    "left of": (("be", "to the right of {p}"), ("be", "right of {p}")),
    "right of": (("be", "to the left of {p}"), ("be", "left of {p}")),
    "above": (("be", "below {p}"), ("be", "under {p}")),
    "below": (("be", "above {p}"), ("be", "over {p}")),
    "inside": (("contain", "{p}"), ("surround", "{p}")),
    "chases": (("be", "chased by {p}"), ("be", "followed by {p}"), ("flee", "from {p}")),
    "collides with": (("be", "hit by {p}"), ("collide", "with {p}")),
    "passes in front of": (("stand", "behind {p} moving past"), ("be", "behind {p} passing by")),
}
"""The same relation told from the partner's side: passive or converse."""
VERBS: dict[str, tuple[str, str, str]] = {
    "be": ("is", "are", "being"),
    "go": ("goes", "go", "going"),
    "hop": ("hops", "hop", "hopping"),
    "get": ("gets", "get", "getting"),
    "run": ("runs", "run", "running"),
    "sit": ("sits", "sit", "sitting"),
    "hit": ("hits", "hit", "hitting"),
    "spin": ("spins", "spin", "spinning"),
    "flee": ("flees", "flee", "fleeing"),
    "pass": ("passes", "pass", "passing"),
    "cross": ("crosses", "cross", "crossing"),
    "crash": ("crashes", "crash", "crashing"),
    "flash": ("flashes", "flash", "flashing"),
    "vanish": ("vanishes", "vanish", "vanishing"),
}
"""The verbs that follow no simple rule: singular, plural, participle."""
GROUNDS: dict[Ground, tuple[str, ...]] = {
    "plain": ("on a plain {c} background", "against a {c} background", "on a {c} background"),
    "gradient": ("on a {c} gradient", "in front of a {c} gradient", "on a shaded {c} background"),
    "stripes": ("on {c} stripes", "on a {c} striped background", "before {c} stripes"),
    "checks": ("on {c} checks", "on a {c} checkered background", "on a {c} chessboard pattern"),
    "noise": ("on a noisy {c} background", "on {c} noise", "on a mottled {c} background"),
}
ANY_GROUND: tuple[str, ...] = ("on a {c} background", "on {c}", "against a {c} background")
LIGHTS: dict[Light, tuple[str, ...]] = {
    "night": ("at night", "in the dark"),
    "day": ("by day", "in daylight"),
}
