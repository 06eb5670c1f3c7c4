"""Queries that ask for nothing in particular: what a score means is seen against theirs.

They are ordinary descriptions, in two languages, of drawn and of natural videos, so that whatever
a library holds, most of them do not fit a given moment.
"""

_BANK = """
a red circle moves left
orange ring
a yellow hexagon and a pink circle
a green square moves right
cyan diamond
a blue heart and a grey crescent
a purple triangle moves up
pink crescent
a brown cross and an orange diamond
a white star moves down
grey circle
a black ring and a cyan ring
a red heart bounces
orange triangle
a yellow crescent and a pink cross
a green cross spins
cyan star
a blue circle and a grey heart
a purple ring grows
pink hexagon
a brown square and an orange hexagon
a white diamond shrinks
grey heart
a black triangle and a cyan star
a red circle blinks
a yellow hexagon and a pink triangle
a green square shakes
a blue heart and a grey square
a purple triangle circles around
a brown cross and an orange circle
a white star stands still
a black ring and a cyan crescent
绿色的正方形向上移动
青色菱形
蓝色的心形出现
紫色三角形
粉色的月牙闪烁
棕色十字形
白色的星形弹跳
灰色圆形
黑色的圆环向左移动
红色六边形
橙色的正方形绕圈
黄色菱形
绿色的十字形变大
青色星形
蓝色的圆形向上移动
紫色圆环
粉色的六边形出现
棕色正方形
白色的菱形闪烁
灰色心形
黑色的三角形弹跳
红色月牙
橙色的十字形向左移动
黄色星形
绿色的正方形绕圈
蓝色的心形变大
粉色的月牙向上移动
白色的星形出现
黑色的圆环闪烁
橙色的正方形弹跳
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
a screen with text
fireworks in the sky
一个人在说话
一只狗在草地上跑
孩子们在踢足球
夜晚的城市街道
有人在厨房做饭
海浪拍打沙滩
人们在婚礼上跳舞
火车进站
"""


def null_queries() -> tuple[str, ...]:
    """The bank, always the same."""
    return tuple(_BANK.strip().splitlines())
