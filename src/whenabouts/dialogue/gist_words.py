"""Classes of words for `gist.py`: verbs and nouns that name an act, whatever stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of one language; the longer turns of phrase of a class are taken off first."""

    words: tuple[tuple[str, re.Pattern[str]], ...]
    small: re.Pattern[str]
    """Words beside those of `Cues.small` that name no act."""


def _en(*rows: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])(?:" + "|".join(rows) + r")(?![\w'])")


def _zh(*rows: str) -> re.Pattern[str]:
    return re.compile("|".join(rows))


EN = Classes(
    (
        ("good", _en(r"not\s+(?:bad|half\s+bad)", r"no\s+(?:complaints|doubt\s+about\s+it)", r"nothing\s+wrong", r"can't\s+(?:go\s+wrong|complain)")),
        ("bad", _en(
            r"nothing\s+(?:like|to\s+do\s+with)(?:\s+(?:what\s+i\s+\w+(?:\s+for)?))?", r"(?:miles|way|totally|completely)\s+off", r"nowhere\s+near", r"not\s+a\s+fan(?:\s+of)?",
            r"not\s+(?:even\s+)?(?:remotely|close)", r"not\s+(?:really\s+)?my\s+(?:thing|cup\s+of\s+tea|taste)", r"don't\s+(?:like|want|need|care\s+for|think\s+so|bother\s+with)",
            r"not\s+into", r"doesn't\s+(?:fit|match|work|do\s+it\s+for\s+me|cut\s+it)", r"misses\s+the\s+(?:point|mark)", r"get\s+rid\s+of", r"no\s+good", r"no\s+use", r"no\s+thanks?",
            r"leave\s+out", r"thumbs?\s+down", r"what\s+i\s+don't\s+want", r"(?:isn't|not|wasn't|ain't)\s+(?:(?:really|quite|exactly)\s+)?(?:it|(?:the\s+one|what)(?:\s+that)?\s+i(?:'m|'d|'ve)?\s+\w+(?:\s+\w+){0,3}|the\s+one|right|quite\s+right)", r"wrong(?:\s+\w+)?",
            r"meh", r"trash", r"garbage", r"crap", r"rubbish", r"nonsense", r"junk", r"bin", r"toss", r"remove", r"delete", r"drop", r"lose", r"hide", r"skip", r"ditch", r"discard",
            r"reject", r"dismiss", r"irrelevant", r"unrelated", r"useless", r"terrible", r"awful", r"horrible", r"bad", r"hate", r"dislike", r"boring", r"off", r"worse", r"worst",
            r"disappointing", r"misleading", r"false", r"fail", r"poor", r"weak", r"pointless", r"off\s+topic", r"off\s+the\s+mark")),
        ("good", _en(
            r"that's\s+(?:it|the\s+one|him|her|them)", r"the\s+one", r"what\s+i(?:'m|\s+was|\s+am|'ve\s+been|\s+had|\s+wanted|\s+want|\s+need(?:ed)?|\s+meant)(?:\s+(?:after|looking\s+for|in\s+mind|searching\s+for|thinking\s+of))?",
            r"spot\s+on", r"bang\s+on", r"dead\s+on", r"nailed(?:\s+it)?", r"jackpot", r"bingo", r"winner", r"keeper", r"got\s+it", r"found\s+it", r"thumbs?\s+up", r"on\s+the\s+right\s+track", r"right\s+(?:one|direction|track|idea)",
            r"brilliant", r"awesome", r"amazing", r"excellent", r"fantastic", r"beautiful", r"gorgeous", r"lovely", r"superb", r"wonderful", r"perfect(?:ly)?", r"exactly", r"precisely", r"ideal",
            r"great", r"good", r"nice", r"fine", r"correct", r"right(?!\s+(?:after|before|at|now|then))", r"close(?:r|st)?", r"near(?:er|est)?", r"warm(?:er)?", r"hot", r"love(?:\s+it)?", r"like(?:\s+it)", r"likes", r"prefer", r"favou?rites?",
            r"best", r"better", r"promising", r"relevant", r"fits?", r"match(?:es)?", r"works", r"keep(?!\s+(?:going|on|playing))", r"yes+", r"yeah", r"yep", r"yup", r"into", r"fan\s+of", r"happy\s+with", r"the\s+winner", r"does\s+it\s+for\s+me", r"will\s+do", r"does\s+the\s+job", r"has\s+it", r"hit(?:s)?\s+the\s+spot", r"interesting", r"useful", r"cool", r"sweet")),
        ("compare", _en(r"compar\w+", r"differ(?:s|ences?|ent)?(?:\s+between)?", r"side\s+by\s+side", r"next\s+to\s+each\s+other", r"versus", r"vs\.?", r"in\s+common", r"have\s+in\s+common", r"contrast", r"tell\s+apart", r"set\s+apart", r"apart")),
        ("undo", _en(
            r"undo(?:ne)?", r"revert", r"scratch(?:\s+(?:that|it))?", r"strike(?:\s+that)?", r"take\s+(?:(?:that|it)\s+)?back", r"roll\s+back", r"rollback", r"(?:go|step|take\s+me|bring\s+me|get|put\s+things?|switch)\s+back\s+(?:to\s+)?(?:how|what|where|before|(?:the\s+)?(?:previous|old|earlier|last)).*",
            r"cancel", r"never\s*mind", r"forget(?:\s+(?:that|it|i\s+said\s+(?:that|anything)|the\s+last\s+\w+))?", r"restore", r"the\s+way\s+(?:it|things)\s+(?:was|were)", r"how\s+(?:it|things)\s+(?:was|were)(?:\s+before)?", r"what\s+(?:we|i)\s+had(?:\s+before)?",
            r"(?:previous|earlier|old|last)\s+(?:list|results?|search|step|state|set|selection|query)", r"back\s+(?:up|out|track)(?:\s+(?:a|one)\s+(?:step|bit))?", r"one\s+step\s+back", r"(?:a|one)\s+step\s+back", r"by\s+(?:accident|mistake)", r"accidentally", r"mis-?click(?:ed)?", r"my\s+(?:finger|hand)\s+slipped", r"my\s+mistake", r"didn't\s+mean\s+(?:that|to|it)", r"oops")),
        ("similar", _en(
            r"similar", r"alike", r"(?:more|others?|ones?|some(?:thing)?|any(?:thing)?|stuff|things?|videos?|clips?|few)\s+(?:\w+\s+)?like", r"(?:more|others?|anything|something|stuff)\s+(?:along|in|of)\s+(?:th(?:e|ese|ose|at|is)\s+)?(?:same\s+)?(?:lines?|vein|style|sort|kind|type|spirit|mood|vibe|look)",
            r"same\s+(?:kind|sort|vibe|style|type|feel|mood|look)", r"look-?alikes?", r"resembl\w+", r"comparable", r"related", r"closest\s+to", r"in\s+(?:that|this)\s+vein", r"along\s+(?:those|these|the\s+same)\s+lines", r"more\s+of", r"others\s+of", r"looks?\s+like", r"doubles?", r"twins?")),
        ("end", _en(r"(?:very\s+)?end(?:ing|s|ed)?", r"closing", r"final(?:e)?", r"finish(?:es|ed)?", r"outro", r"conclu\w+", r"wrap(?:s|ped)?(?:\s+up)?", r"last\s+(?:few\s+|couple\s+of\s+)?(?:seconds|moments|frames|bit|part|scene|shot|minute)", r"turns?\s+out", r"tail")),
        ("before", _en(r"before(?:hand)?", r"earlier", r"previously", r"prior", r"rewind", r"(?:further|even|way|bit|little)\s+back", r"(?:go|skip|jump|wind|spool|move|roll)\s+back(?:wards?)?", r"preced\w+", r"leading?\s+up(?:\s+to)?", r"lead-?up", r"back(?:wards?)?\s+(?:a\s+)?(?:bit|little|touch|few|tad|smidge|second)", r"led\s+up(?:\s+to)?", r"run-?up")),
        ("start", _en(r"(?:very\s+)?(?:start|beginning)", r"begins?", r"starts", r"opening", r"intro", r"outset", r"kicks?\s+off", r"opens", r"first\s+(?:few\s+|couple\s+of\s+)?(?:seconds|moments|frames|bit|part|scene|shot|minute)")),
        ("export", _en(
            r"(?:clip|cut|trim|snip|crop|chop|carve|slice)(?:\s+(?:out|down))?", r"exports?", r"save", r"saved", r"download", r"extract", r"store", r"rip", r"dump", r"grab", r"capture", r"copy", r"send", r"email", r"mail", r"share", r"burn", r"record",
            r"screen\s*(?:shot|cap|grab)s?", r"snapshot", r"still", r"thumbnail", r"poster", r"spread\s*sheet", r"csv", r"excel", r"gif", r"mp4", r"png", r"jpe?g", r"freeze\s+frame", r"on\s+(?:my\s+)?(?:disk|desktop|phone|drive|computer)", r"to\s+(?:my\s+)?(?:disk|desktop|phone|drive|computer|folder)")),
        ("thing", _en(r"file", r"table", r"frame", r"picture", r"image", r"photo", r"timeline", r"playlist", r"list")),
        ("after", _en(r"move\s+(?:on|along|forwards?)", r"further\s+(?:on|along|ahead)", r"after(?:wards?)?", r"next", r"then", r"later", r"follow(?:s|ing|ed)", r"forwards?", r"ahead", r"continue", r"keep\s+(?:going|playing)", r"go\s+on", r"carry\s+on", r"subsequent(?:ly)?", r"onwards?", r"resume", r"further\s+on", r"proceed", r"comes?\s+(?:right\s+|straight\s+)?after", r"straight\s+after", r"skip\s+(?:a\s+bit|ahead)")),
        ("play", _en(r"play(?:\s*back)?", r"watch", r"roll", r"run", r"start", r"put\s+(?:it\s+)?on", r"fire\s+up", r"hit\s+play", r"stream", r"spin\s+up", r"let\s+(?:it\s+)?run", r"replay", r"loop", r"re-?watch")),
        ("no", _en(r"not", r"no", r"nope", r"nah", r"never", r"isn't", r"aren't", r"wasn't", r"doesn't", r"don't", r"didn't", r"won't", r"can't", r"none", r"neither", r"nor", r"nothing", r"hardly", r"barely")),
        ("show", _en(r"show", r"see", r"open(?:\s+up)?", r"look(?:\s+at)?", r"view", r"pull\s+up", r"bring\s+up", r"display", r"pick", r"choose", r"select", r"go\s+(?:with|for|to)", r"take", r"have\s+a\s+(?:look|peek|gander)", r"check(?:\s+out)?", r"inspect", r"examine", r"peek", r"get", r"zoom\s+in", r"expand", r"focus", r"click", r"tap", r"load", r"give", r"try")),
    ),
    _en(
        r"(?:hmm+|erm+|ahem|eh|er|lol|haha+|hey|hi|hello|mate|dude|bro|buddy|sir|wow|whoa)", r"(?:seconds?|secs?|moments?|parts?|bits?|scenes?|pieces?|sections?|segments?|stretch|minutes?|couple|few|tad|touch|smidge|footage|shot|spot|place|point|position|timestamp|frames?)",
        r"(?:happen(?:s|ed)?|occurs?|was|were|been|being|do|does|did|done|going|goes|went|comes?|came|coming|gets?|got|getting|has|have|had|having)", r"(?:right|straight|just|immediately|directly|shortly|quickly|slightly|somewhat|again|once|more|less|around|till|until|onto|into|off|down|along|through|within)",
        r"(?:i|you|we|he|she|it|they|me|us|my|your|our|his|her|its|their|who|whom|whose|what|which|when|where|why|how)", r"(?:want(?:ed)?|need|like|love|mind|hope|wish|wonder(?:ing)?|feel|feels|figure|suppose|reckon|say|says|said|tell|know|ask|make|makes|made|keep|let|lets|leave|put|turn|end\s+up|use|using|work)",
        r"(?:possible|possibly|able|kindly|thanks?|thank|cheers|sorry|well|fact|far|long|time|way|thing|things|stuff|lot|kind\s+of|sort\s+of|kind|sort|bunch|pair|rest|whole|full|entire|complete|quick|little|big)", r"(?:because|since|if|so|as|than|that's|it's|there's|what's|i'm|i've|i'd|i'll|you're|you've|let's|here's|he's|she's|they're|we're|to|for|from|of|at|on|in|by|with|about|up|out|over|and|or|but|the|an?|this|that|these|those|there|here|now|too|also|even|ever|really|truly|simply|clearly|obviously|sadly|unfortunately|frankly|absolutely|totally|entirely|definitely|certainly|surely)",
        r"(?:looking|searching|hunting|thinking|after|videos?|vids?|clips?|films?|movies?|recordings?|results?|hits?|options?|candidates?|numbers?|nr|no\.|item|entry|match|cup|goal)", r"\d{1,3}(?:st|nd|rd|th)?",
    ),
)  # fmt: skip
ZH = Classes(
    (
        ("good", _zh(r"不(?:错|赖|差|坏)", r"没(?:毛病|问题|错|的说|得说|话说|跑)", r"差不离", r"八九不离十", r"无可挑剔")),
        ("bad", _zh(
            r"差(?:太|得|的)?(?:远|多)(?!不)了?", r"(?:不|没)(?:太|怎么|大|是很|咋)?(?:喜欢|中意|满意|对劲?|对味|像|行|好|合适|符合|沾边|搭边|相关|感冒|靠谱|贴切|理想|沾|搭|感觉|兴趣|意思)", r"不(?:是|要|想要|想看|用|需要|算|看|符|匹配|合|咋地|咋样|怎么样|达标)", r"(?:八竿子|完全)打不着", r"离(?:大)?谱", r"离题", r"跑题", r"跑偏", r"偏了",
            r"驴唇不对马嘴", r"牛头不对马嘴", r"风马牛不相及", r"没(?:一个|有一个|啥|什么)?(?:关系|关联|用)", r"无关", r"垃圾", r"太?差劲?", r"糟糕?", r"烂", r"难看", r"无聊", r"讨厌", r"嫌弃", r"删(?:了|掉|除)?", r"去(?:掉|除)", r"排除", r"剔除?", r"踢(?:掉|出去?|走)?", r"扔(?:掉|了)?", r"丢(?:掉|了)", r"划掉", r"拿(?:掉|走|开)", r"淘汰", r"过滤掉?", r"屏蔽", r"略过", r"跳过", r"pass", r"(?<!没)错", r"一般", r"拉胯", r"拉倒", r"不咋的?", r"没有?对的", r"没(?:一个|有一个)(?:是|对|行|像)")),
        ("good", _zh(
            r"就是(?:它|他|她|这|那)", r"就(?:它|这|要|选|定)(?:个|了)?", r"正是", r"绝了", r"绝佳", r"牛", r"赞", r"棒", r"完美", r"满意", r"喜欢", r"中意", r"爱(?:了|死)", r"稀罕", r"看上", r"相中", r"心水", r"合(?:心意|胃口|适|我意|我口味)", r"对味", r"对头", r"对路", r"对劲", r"有(?:点|那)+(?:儿)?(?:那)?(?:味|意思|像|对)(?:儿)?(?:了)?", r"那(?:个)?意思", r"有戏", r"沾边", r"靠谱", r"接近", r"贴(?:近|切)", r"像", r"符合", r"匹配", r"正确", r"精准", r"准确?", r"好(?!像|吗|不好)", r"对", r"行", r"可以", r"凑合", r"还成", r"ok", r"OK", r"yyds", r"优秀", r"漂亮", r"厉害", r"留(?:下|着)?", r"保留", r"收了", r"找(?:到|着)了", r"中了", r"是我(?:想)?(?:要|找)(?:找)?的", r"点赞", r"顶", r"差不多", r"理想", r"靠近", r"最佳", r"给力")),
        ("compare", _zh(r"比(?:较|一比|比|对|一下)?", r"对比", r"对照", r"区别", r"差(?:别|异|在)", r"不(?:一样|同)", r"异同", r"相同", r"并(?:排|列)", r"(?:摆|放|搁)(?:在)?(?:一(?:起|块|处|边)|旁边)", r"一样(?=不|吗|么)", r"分别")),
        ("undo", _zh(r"撤(?:销|回|了|掉|下)?", r"取消", r"退(?:回|一步)?(?:去|来)?", r"回(?:退|滚)", r"还原", r"恢复", r"复原", r"上一(?:步|次)", r"反悔", r"后悔", r"当我没(?:说|讲|问)", r"不算(?:数)?", r"作废", r"算了", r"手(?:滑|抖|误|残)", r"(?:按|点|弄|搞|打|选)(?:错|岔)", r"误(?:触|点|操作)", r"回到?(?:刚才|之前|原来|上一|先前|原先)", r"变?回(?:去|原样|来)", r"倒回(?:去|来)", r"照旧", r"(?:刚才|之前|原来|先前|原先)的?(?:那样|样子|结果|列表|状态|条件)", r"ctrl\s*\+?\s*z")),
        ("similar", _zh(r"类似", r"相(?:似|像|近|仿)", r"差不多", r"同(?:类|款|种|样|风格|类型)", r"这(?:种|类|样|号)", r"那(?:种|类|样)", r"(?:和|跟|像|与|同)(?:.{0,4})(?:像|一样)的?", r"像(?:这|那|它)", r"雷同", r"一个(?:路子|风格|类型|味)", r"(?:还有|再来|再找|多来|多找|多)(?:点|些|几个|一些|几条|一点)?(?:像|跟|和)")),
        ("end", _zh(r"(?:最)?(?:结尾|末尾|结局|片尾|尾声|收尾|结束|尾巴|终了|末了)", r"(?:拉|跳|快进|拖|翻)?到?(?:最后|底|末)(?!那?个)", r"最后(?:几秒|一段|部分|那段|一幕|怎么)?")),
        ("start", _zh(r"(?:最)?(?:开头|开场|片头|起头|开端|一开始|最开始|起始|开始处|刚开始)", r"从头", r"头(?:几秒|上|里|段)", r"前几秒")),
        ("before", _zh(r"(?:再)?(?:往|向|朝)(?:前|回|左)(?:面|边|头)?(?:倒|退|翻|拉|拖|挪|推|走|看|一?点|一?些|回)*", r"(?:之|以)前", r"前面", r"先前", r"前(?=一?(?:段|幕|点|几|些))", r"倒(?:带|退|回|一?点|着)+", r"早(?:一)?(?:点|些)", r"上一(?:段|幕|个镜头|个画面)", r"提前", r"后退", r"此前", r"前边", r"快退")),
        ("after", _zh(r"(?:再)?(?:往|向|朝)(?:后|下|右)(?:面|边|头)?(?:放|播|翻|拉|拖|挪|推|走|看|一?点|一?些|跳)*", r"(?:之|以)后", r"后面", r"后来", r"接(?:着|下来|下去)", r"紧接着", r"继续", r"然后", r"随后", r"下一(?:段|幕|个镜头|个画面)", r"快进", r"下文", r"后续", r"后(?=一?(?:段|幕|点|几|些))", r"晚(?:一)?(?:点|些)", r"后边", r"下面", r"下去")),
        ("export", _zh(r"剪(?:下|出|切|辑|裁|成|一下|掉)?(?:来)?", r"截(?:取|屏|图|帧|个图|张图|下来|出来)?", r"裁(?:剪|切)?(?:下来|出来)?", r"导(?:出|成|一份)", r"保存", r"存(?:了|下|成|起|到|一?份|盘|个|进)?(?:来)?", r"下(?:载|下来)", r"发(?:给|我|送|过来|到|一?份)", r"传(?:给|我|一?份)", r"另存", r"拷(?:贝|给|一?份)", r"复制", r"抠(?:出来|下来)?", r"切(?:出来|下来|片)", r"输出", r"生成", r"做成", r"弄成", r"转成", r"打包", r"gif|GIF|mp4|MP4|csv|CSV|png|jpg|excel|Excel", r"封面", r"缩略图", r"静帧", r"(?:我的)?(?:桌面|硬盘|电脑|手机|相册|本地|文件夹|U盘|网盘)", r"扒(?:下来|出来)")),
        ("thing", _zh(r"表格?", r"清单", r"图片?", r"照片", r"文件", r"列表", r"动图")),
        ("play", _zh(r"播(?:放|一下|一遍|下|起来)?", r"放(?:映|出来|一下|一遍|来|起来|给)?", r"重播", r"回放", r"走起", r"循环", r"跑起来", r"开播")),
        ("no", _zh(r"不", r"没(?:有)?", r"别", r"非", r"否", r"甭", r"未")),
        ("show", _zh(r"看(?:看|一看|一下|下)?", r"打开", r"点(?:开|进去?|一下)", r"展(?:示|开)", r"显示", r"调(?:出来|出)", r"选(?:择|中)?", r"挑", r"拿", r"切(?:到|换)", r"翻(?:到|出来)", r"跳(?:到|转)?", r"进(?:去|入)?", r"瞧", r"来", r"要", r"详细", r"放大", r"定位", r"回到?", r"给我看")),
    ),
    _zh(
        r"视频|片子|片段|录像|影片|素材|画面|镜头|片儿|短片", r"[的了是个这那都也很最挺太点些有多更还就我们你咱他她它觉得和跟与把给再吧呢啊呀哦嘛嗯哈之又才只可能会想让帮请麻烦您先下上里中间段条部分秒会儿处位置地方时候刻一二三两几四五六七八九十半帧怎么什样样子啥为何哪谁如果要是那么话其实真确实简直特别非常完全根本稍微略微大概好像可能应该估计感觉算叫说出去来到从在用于以及并且而但不过然后所有全整俩第号直接干脆赶紧马上立刻快小大该请随便另外别处、，,。！!？?；;：:…~～\s·]+",
    ),
)  # fmt: skip
