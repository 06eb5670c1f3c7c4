"""Chinese words for everything in the world; the first of each row is the plainest."""

from __future__ import annotations

from whenabouts.shapeworld.axes import Action, Colour, Ground, Light, Shape, Size

SHAPES: dict[Shape, tuple[str, ...]] = {
    "circle": ("圆形", "圆"),
    "square": ("正方形", "方块"),
    "triangle": ("三角形",),
    "star": ("星形", "星星", "五角星"),
    "hexagon": ("六边形",),
    "heart": ("心形", "爱心"),
    "cross": ("十字形", "十字"),
    "ring": ("圆环", "环形"),
    "diamond": ("菱形",),
    "crescent": ("月牙", "月牙形"),
}
COLOURS: dict[Colour, tuple[str, ...]] = {
    "red": ("红色",),
    "orange": ("橙色", "橘色"),
    "yellow": ("黄色",),
    "green": ("绿色",),
    "cyan": ("青色",),
    "blue": ("蓝色",),
    "purple": ("紫色",),
    "pink": ("粉色", "粉红色"),
    "brown": ("棕色", "褐色"),
    "white": ("白色",),
    "grey": ("灰色",),
    "black": ("黑色",),
}
SIZES: dict[Size, tuple[str, ...]] = {"small": ("小",), "large": ("大",)}
COUNTS: dict[int, tuple[str, ...]] = {
    1: ("一个",),
    2: ("两个", "一对"),
    3: ("三个",),
    4: ("四个",),
}
THING: tuple[str, ...] = ("图形", "东西")
"""For somebody whose shape is not said."""

ACTIONS: dict[Action, tuple[str, ...]] = {
    "moves left": ("向左移动", "往左移动", "向左滑动", "从右边移到左边"),
    "moves right": ("向右移动", "往右移动", "向右滑动", "从左边移到右边"),
    "moves up": ("向上移动", "往上移动", "上升"),
    "moves down": ("向下移动", "往下移动", "下降"),
    "bounces": ("弹跳", "上下弹跳", "上下跳动"),
    "spins": ("旋转", "转动", "原地旋转"),
    "grows": ("变大", "越来越大", "逐渐变大"),
    "shrinks": ("变小", "越来越小", "逐渐变小"),
    "blinks": ("闪烁", "一闪一闪", "闪动"),
    "shakes": ("抖动", "颤动", "来回抖动"),
    "circles around": ("绕圈", "绕圈移动", "转着圈走"),
    "stands still": ("静止", "静止不动", "停着不动"),
    "appears": ("出现", "出现了", "渐渐显现"),
    "disappears": ("消失", "消失了", "渐渐不见"),
    "changes colour": ("变成{to}", "变为{to}", "颜色变成{to}"),
    "changes shape": ("变成{to}", "变为{to}"),
    "left of": ("在{p}的左边", "在{p}左侧", "位于{p}的左边"),
    "right of": ("在{p}的右边", "在{p}右侧", "位于{p}的右边"),
    "above": ("在{p}的上方", "在{p}上面", "位于{p}的上方"),
    "below": ("在{p}的下方", "在{p}下面", "位于{p}的下方"),
    "inside": ("在{p}里面", "在{p}的内部", "位于{p}之中"),
    "chases": ("追赶{p}", "追着{p}", "跟在{p}后面追"),
    "collides with": ("与{p}碰撞", "撞上{p}", "和{p}相撞"),
    "passes in front of": ("从{p}前面经过", "从{p}前方经过", "经过{p}的前面"),
}
"""`{p}` is the partner and `{to}` what the actor becomes."""
TURNED: dict[Action, tuple[str, ...]] = {
    "left of": ("在{p}的右边", "在{p}右侧"),
    "right of": ("在{p}的左边", "在{p}左侧"),
    "above": ("在{p}的下方", "在{p}下面"),
    "below": ("在{p}的上方", "在{p}上面"),
    "inside": ("里面有{p}", "的里面有{p}"),
    "chases": ("被{p}追赶", "被{p}追着"),
    "collides with": ("被{p}撞上", "和{p}相撞"),
    "passes in front of": ("的前面有{p}经过",),
}
"""The same relation told from the partner's side: passive or converse."""
TAKES_ZAI = (
    "bounces", "spins", "grows", "shrinks", "blinks", "shakes", "circles around",
    "moves left", "moves right", "moves up", "moves down", "chases",
)  # fmt: skip
"""Actions that may be told as going on, with 在 or 正在."""
GROUNDS: dict[Ground, tuple[str, ...]] = {
    "plain": ("纯{c}背景", "{c}背景"),
    "gradient": ("{c}渐变背景", "{c}的渐变背景"),
    "stripes": ("{c}条纹背景", "{c}条纹"),
    "checks": ("{c}格子背景", "{c}方格背景"),
    "noise": ("{c}噪点背景", "{c}的斑驳背景"),
}
ANY_GROUND: tuple[str, ...] = ("{c}背景",)
LIGHTS: dict[Light, tuple[str, ...]] = {"night": ("夜里", "夜晚"), "day": ("白天",)}
