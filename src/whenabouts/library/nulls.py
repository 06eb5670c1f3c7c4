"""Queries that ask for nothing in particular: what a score means is seen against theirs.

They are ordinary descriptions in two languages: every drawn thing in every colour, and scenes of
natural videos. Whatever a library holds, most of them do not fit a given moment, and those that
nearly fit are what a query must beat.
"""

_COLOURS = "red orange yellow green cyan blue purple pink brown white grey black"
_SHAPES = "circle square triangle star hexagon heart cross ring diamond crescent"
_ACTIONS = (
    "moves left", "moves right", "moves up", "moves down", "bounces", "spins", "grows", "shrinks",
    "blinks", "shakes", "circles around", "stands still",
)  # fmt: skip
_COLOURS_ZH = "红色 橙色 黄色 绿色 青色 蓝色 紫色 粉色 棕色 白色 灰色 黑色"
_SHAPES_ZH = "圆形 正方形 三角形 星形 六边形 心形 十字形 圆环 菱形 月牙"
_ACTIONS_ZH = "向左移动 向右移动 向上移动 向下移动 弹跳 旋转 变大 缩小 闪烁 抖动 绕圈 静止"
_NATURAL = """
a man talks to the camera
a woman cooks in a kitchen
a dog runs on the grass
a cat sleeps on a sofa
children play football
cars drive through a city at night
a person rides a bicycle
people dance at a wedding
waves break on a beach
a bird flies over a lake
somebody opens a door
a train arrives at a station
hands type on a keyboard
a singer on a stage
snow falls in a forest
a crowd cheers in a stadium
a baby laughs
a plane takes off
a map with arrows
a close-up of food on a plate
a horse jumps over a fence
two people shake hands
a screen full of text
fireworks in the sky
a doctor speaks to a patient
a boat on a river
a child blows out candles
somebody cuts vegetables
a teacher writes on a board
a mountain in the fog
a motorcycle race
a person plays the guitar
people sit around a table
a flower opens
a worker welds metal
a swimmer dives into a pool
the skyline of a city
a woman puts on make-up
a man lifts weights
an empty room
一个人在对着镜头说话
一只狗在草地上跑
一只猫在睡觉
孩子们在踢足球
夜晚的城市街道
有人在厨房做饭
海浪拍打沙滩
人们在婚礼上跳舞
火车进站
一个人在弹吉他
雪落在森林里
有人打开门
飞机起飞
山间的雾
观众在欢呼
一桌饭菜
"""


def null_queries() -> tuple[str, ...]:
    """The bank, always the same."""
    queries = [
        f"a {colour} {shape} {_ACTIONS[(10 * row + 7 * column) % len(_ACTIONS)]}"
        for row, colour in enumerate(_COLOURS.split())
        for column, shape in enumerate(_SHAPES.split())
    ]
    actions = _ACTIONS_ZH.split()
    queries += [
        f"{colour}的{shape}{actions[(10 * row + 7 * column) % len(actions)]}"
        for row, colour in enumerate(_COLOURS_ZH.split())
        for column, shape in enumerate(_SHAPES_ZH.split())
    ]
    return (*queries, *_NATURAL.strip().splitlines())
