"""English words of the planner: data, read by `reading.py`."""

from __future__ import annotations

import re

from whenabouts.dialogue.cues import Cues, whole, words

_NTH = (
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d{1,3}(?:st|nd|rd|th)"
)
_NUMBER = r"one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3}"
_ONE = r"(?:one|video|vid|clip|result|hit|film|movie|file|recording|match|candidate|option|item)"
_ONES = r"(?:ones|videos|vids|clips|results|hits|films|movies|files|recordings|matches|them)"
_THIS = rf"(?:that|this|the|the\s+same)\s+(?:very\s+)?{_ONE}"
_IT = rf"(?:{_THIS}|that|this|it|there)"
_PART = r"(?:part|bit|moment|scene|section|segment|piece|place|spot|point|passage|second|time|shot)"
_SAID = r"(?:with|in|of|about|where|showing|that shows?|containing|featuring|which shows?|having)"
_PLEASE = r"(?:,?\s*(?:please|thanks|thank you|ok(?:ay)?|if you can|if possible|for me|now|then|maybe|instead|pls|plz))*+"
_CAN = (
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?|please\s+|let'?s\s+|let\s+me\s+|"
    r"i\s+(?:want|need|would\s+like|'d\s+like|wanna)\s+(?:to\s+|you\s+to\s+)?|i'd\s+like\s+(?:to\s+)?|"
    r"just\s+|now\s+|then\s+|ok(?:ay)?,?\s+|so,?\s+|hmm+,?\s+|well,?\s+|and\s+|yes,?\s+|great,?\s+|"
    r"cool,?\s+|nice,?\s+|thanks,?\s+|hi,?\s+|hello,?\s+|hey,?\s+|um+,?\s+|uh+,?\s+|perfect,?\s+|"
    r"actually,?\s+|good,?\s+|alright,?\s+|right,?\s+|oh,?\s+)*+"
)
_SHOW = r"(?:show|give|bring|get|display|pull\s+up|open|view|see|look\s+at|take|pick|choose|select|go\s+with|go\s+to|use|i'?ll\s+take|watch)"
_FIND = (
    r"(?:find|search(?:\s+(?:for|through|my\s+(?:videos|library)\s+for))?|look\s+for|show|get|give|"
    r"bring\s+up|fetch|locate|list|pull\s+up|see|look\s+up)"
)

EN = Cues(
    lang="en",
    talk=(
        ("thanks", whole(r"(?:ok(?:ay)?,?\s+)?(?:many\s+)?(?:thanks?|thank\s+you|thx|ty|cheers|much\s+appreciated)"
                         r"(?:\s+(?:a\s+lot|so\s+much|very\s+much|you|again|for\s+.{1,40}))?(?:,?\s*(?:that|this)(?:'s|\s+is|\s+was)\s+.{1,30})?")),
        ("hello", whole(r"(?:hi|hello|hey|yo|good\s+(?:morning|afternoon|evening|day)|greetings|howdy)(?:\s+(?:there|again|all|everyone|assistant))?",
                        r"how\s+are\s+you(?:\s+(?:doing|today))*+", r"what'?s\s+up", r"how'?s\s+it\s+going")),
        ("bye", whole(r"(?:good\s*bye|bye(?:\s+bye)?|see\s+(?:you|ya)(?:\s+(?:later|soon|tomorrow))?|quit|exit|that'?s\s+all(?:\s+for\s+(?:now|today))?|"
                      r"i'?m\s+done|good\s*night|that\s+(?:will\s+be|is)\s+all)")),
        ("help", whole(r"(?:what|how)\s+(?:else\s+)?can\s+(?:you|i)\s+(?:do|ask|say|help.{0,20})(?:\s+(?:here|for\s+me|you))?", r"help(?:\s+me)?",
                       r"how\s+(?:does|do)\s+(?:this|you|it)\s+work", r"who\s+are\s+you", r"what\s+are\s+you", r"what\s+is\s+this(?:\s+(?:thing|program))?",
                       r"how\s+do\s+i\s+(?:use|start).{0,20}", r"what\s+do\s+you\s+do", r"are\s+you\s+(?:a\s+)?(?:human|robot|bot|an\s+ai|real).{0,12}",
                       r"\?+", r"what\s+(?:languages?)\s+do\s+you\s+(?:speak|understand|know)")),
        ("praise", whole(r"(?:(?:that'?s|this\s+is|you'?re|very|so|really|wow|oh)[,\s]+)*+(?:nice|great|good|cool|awesome|perfect|excellent|wonderful|amazing|brilliant|lovely|super|well\s+done|"
                         r"good\s+job|nice\s+(?:work|one)|great\s+job|fantastic|impressive|wow|neat|sweet|good\s+(?:work|stuff))(?:,?\s*(?:well\s+done|great|thanks?|thank\s+you|job|work|indeed|stuff))*+")),
        ("abuse", whole(r"(?:you(?:'re|\s+are)?\s+|this\s+is\s+|what\s+a\s+|such\s+an?\s+)*+(?:a\s+|an\s+|so\s+|fucking\s+|bloody\s+|damn\s+|totally\s+|really\s+)*+(?:stupid|idiot|dumb|useless|garbage|trash|crap|shit|sucks?|suck|terrible|"
                        r"awful|moron|rubbish|pathetic|fuck(?:\s+(?:you|off|this))?|screw\s+you|shut\s+up|damn(?:\s+it)?|hate\s+you|i\s+hate\s+(?:you|this)|bullshit|asshole|bitch)"
                        r"(?:\s+(?:machine|bot|thing|program|tool|assistant|software|you|computer))*+")),
        ("ok", whole(r"(?:ok(?:ay)?|k|fine|alright|all\s+right|i\s+see|got\s+it|sure|understood|right|hmm+|mhm|uh\s*huh|interesting|aha|ah|oh|lol|haha+|ha)")),
    ),
    undo=whole(r"(?:oh\s+|hmm+,?\s+|no,?\s+|sorry,?\s+|oops,?\s+|actually,?\s+|wait,?\s+|please\s+)*+(?:can\s+you\s+|could\s+you\s+|i\s+want\s+to\s+|let'?s\s+)?(?:undo|revert|take\s+(?:that|it|this|the\s+last(?:\s+\w+)?)\s+back|take\s+back\s+.{1,30}|"
               r"roll\s+(?:that\s+)?back|never\s*mind(?:\s+(?:that|the\s+.{1,40}))?|forget\s+(?:that|it|about\s+(?:that|it)|the\s+last\s+.{1,30}|what\s+i\s+(?:just\s+)?said)|scrap\s+(?:that|it)|cancel(?:\s+(?:that|it|the\s+last\s+.{1,20}))?|"
               r"go\s+(?:one\s+)?(?:step\s+)?back(?:\s+(?:one|a)\s+step)?|(?:one\s+|a\s+)?step\s+back|back(?:\s+(?:up|one|a)(?:\s+step)?)?|as\s+(?:it\s+was\s+)?before|back\s+to\s+(?:(?:the\s+)?(?:results?|list|search|one)s?\s+(?:we\s+had\s+)?(?:before|earlier)|(?:how|what|where)\s+(?:it|we)\s+(?:was|were|had).{0,20}|(?:the\s+)?(?:previous|earlier|last)\s+(?:results?|list|search|step|query|state))|"
               r"(?:the\s+)?previous\s+(?:results?|list|search)(?:\s+again)?|put\s+it\s+back.{0,20}|(?:please\s+)?remove\s+(?:that|the)\s+(?:last\s+)?(?:filter|condition|restriction|change)|drop\s+(?:that|the)\s+(?:last\s+)?(?:filter|condition|restriction|change|bit|part)|"
               r"that\s+was\s+(?:a\s+mistake|better\s+before|wrong,?\s+go\s+back)|ignore\s+(?:that|my\s+last\s+.{1,20}|what\s+i\s+(?:just\s+)?said)|it\s+was\s+better\s+before|on\s+second\s+thou?ght,?\s+(?:no|forget\s+(?:it|that)|never\s*mind|undo\s+.{0,10}))(?:\s+(?:that|it|this|the\s+last\s+(?:step|change|one|thing|filter|turn)|my\s+last\s+.{1,20}|please|again|one|to\s+(?:how|what)\s+it\s+was|what\s+i\s+(?:just\s+)?said))*+"),
    restart=whole(r"(?:let'?s\s+|please\s+|ok(?:ay)?,?\s+|i\s+want\s+to\s+)*+(?:start|begin)\s+(?:all\s+)?(?:over|again|afresh|anew|from\s+(?:scratch|the\s+beginning))(?:\s+again)?", r"(?:a\s+)?(?:whole\s+)?new\s+(?:search|topic|conversation|question)",
                  r"reset(?:\s+(?:everything|all|it|the\s+(?:search|filters|conversation)))?", r"forget\s+(?:everything|all(?:\s+(?:of\s+)?that)?)(?:\s+.{1,20})?", r"clear(?:\s+(?:everything|all|it|the\s+(?:search|filters)))?", r"something\s+(?:completely\s+|entirely\s+|totally\s+)?(?:different|else)(?:\s+now)?"),
    more=whole(r"(?:(?:show|give|get|find)\s+(?:me\s+)?)?(?:some\s+|a\s+few\s+|any\s+|ten\s+)?more(?:\s+(?:results|hits|videos|of\s+(?:them|these|those)|like\s+that\s+list))?", r"(?:the\s+)?next\s+(?:page|ten|\d+|five|few|results|ones)",
               r"(?:what|anything|any\s*thing|something)\s+else(?:\s+(?:do\s+you\s+have|is\s+there|you\s+have|you\s+found))?", r"(?:are\s+there\s+|any\s+)(?:any\s+)?(?:more|others?)(?:\s+(?:ones|results|videos))?", r"(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:other|remaining|rest\s+of\s+the)\s+(?:ones|results|videos|hits)", r"(?:show\s+(?:me\s+)?)?the\s+rest", r"keep\s+going", r"go\s+on", r"further\s+results"),
    export=words(r"\b(?:export|cut\s+(?:it|that|this|out|the|me|me\s+a|a|\d|number|both|all|those|these)|cut$|save|download|extract|trim|clip\s+(?:it|that|this|out)|render|write\s+(?:it|that|this|them|the\s+\w+)\s+(?:to|out|as|into)|make\s+(?:me\s+)?(?:a|an)\s+(?:(?:short|new)\s+)?(?:clip|gif|csv|cut|playlist|list\s+file|timeline)|"
                 r"give\s+me\s+(?:a|the|an)\s+(?:clip|file|csv|cut|otio|vtt)\s+(?:of|with|for)|put\s+(?:it|that|them|those|these|the\s+\w+)\s+(?:in(?:to)?|on)\s+(?:a|my|the)\s+(?:file|timeline|csv|disk|spreadsheet)|turn\s+(?:it|that|this|them|these)\s+into\s+(?:a|an)\s+\w+)\b"),
    formats=(
        ("csv", words(r"\bcsv\b", r"\bspread\s*sheet\b", r"\btable\b", r"\bexcel\b", r"\b(?:list|results|hits)\b(?!\s*(?:of|item))")),
        ("vtt", words(r"\bvtt\b", r"\bchapters?\b", r"\bwebvtt\b")),
        ("otio", words(r"\botio\b", r"\btimeline\b", r"\bedl\b", r"\bpremiere\b", r"\bresolve\b")),
        ("picture", words(r"\bpng\b", r"\bcontact\s*sheet\b", r"\bstill\b", r"\bscreen\s*shot\b", r"\b(?:a|the|as\s+an?)\s+(?:picture|image|frame)\b", r"\bthumbnail\b", r"\bjpe?g\b")),
        ("clip", words(r"\bclips?\b", r"\bmp4\b", r"\bvideo\b", r"\bcut\b")),
    ),
    play=whole(rf"{_CAN}(?:play|watch|run|start|open\s+.{{0,30}}\bin\s+(?:the|a|my)\s+player)(?:\s+(?P<what>.+))?"),
    sheet=whole(rf"{_CAN}(?:show|give|see|let\s+me\s+see)?\s*(?:me\s+)?(?:the\s+|a\s+|some\s+)?(?:evidence|contact\s+sheet|details?|preview|thumbnails?|reasons?|pictures?|frames?|curve|score\s+curve|neighbou?rs?)(?:\s+(?:of|for|on|from)\s+.+)?",
                r"why\s+(?:that|this|is\s+(?:it|that)|did\s+you\s+(?:pick|choose|find|show)|do\s+you\s+think).{0,40}", rf"(?:tell\s+me\s+)?more\s+about\s+{_IT}", r"how\s+(?:do\s+you\s+know|sure\s+are\s+you|come)", r"what\s+makes\s+you\s+(?:think|say)\s+.{0,30}"),
    likes=words(r"\bi\s+(?:really\s+)?(?:like|love|prefer)\b(?!\s+to\b)", r"\bthumbs?\s+up\b", r"👍|❤|✅", r"\b(?:is|looks|'s|are|seems?|gets?|comes?)\s+(?:the\s+)?(?:very\s+|much\s+|quite\s+|pretty\s+|really\s+)?(?:closest|closer|close|good|better|best|nearer|nearest|nearly\s+(?:it|right)|almost\s+(?:it|right)|right|correct|perfect|great|spot\s+on|promising|the\s+right\s+one|what\s+i\s+(?:want|need|meant|mean|was\s+looking\s+for))\s*$",
                r"\bmore\s+(?:in\s+the\s+direction\s+of|towards)\b", r"^(?:yes|yep|yeah|exactly|correct|right|that'?s\s+it|bingo)\b[,.!]?\s*(?:that'?s\s+(?:it|right|the\s+one|correct)|the\s+.{1,20}|exactly|that\s+one|this\s+one)?$", r"^that'?s\s+(?:it|the\s+(?:one|video|right\s+.{1,8})|right|correct|what\s+i\s+.{1,25})$", r"\bgood\s+(?:one|match|hit)\b", r"\bwarmer\b", r"\bfound\s+it\b", r"^(?:mark|rate)\s+.{1,30}\s+as\s+(?:good|right|relevant|correct|a\s+match)"),
    dislikes=words(r"\bi\s+(?:really\s+)?(?:don'?t|do\s+not|didn'?t)\s+(?:really\s+)?(?:like|want|mean|need)\b", r"\bi\s+(?:hate|dislike)\b", r"\bthumbs?\s+down\b", r"👎|❌", r"\b(?:is|are|was|were|'s)(?:\s+(?:not|n't)|n't)\s+(?:it|right|good|correct|close|what\s+i\s+.{1,25}|relevant|the\s+(?:one|right\s+.{1,6}|video))\b",
                   r"\b(?:is|are|was|'s)\s+(?:totally\s+|completely\s+|all\s+|quite\s+|just\s+)?(?:wrong|bad|off|irrelevant|nothing\s+like\s+it|useless|far\s+off)\b", r"^(?:no+|nope|nah)?[,.!\s]*(?:definitely\s+|certainly\s+|but\s+)?not\s+(?:like\s+)?(?:the\s+(?:" + _NTH + rf")(?:\s+{_ONE})?|{_THIS}|this|that|these|those|any\s+of\s+(?:these|those|them)|number\s+\d+|\d+|him|her)(?:\s+(?:one|ones|either|again))?$", r"\bless\s+like\b", r"\b(?:hide|remove|drop|skip|throw\s+out|leave\s+out|discard|kick\s+out|get\s+rid\s+of|ignore|dismiss)\s+(?:the\s+)?(?:" + _NTH + rf"|{_NUMBER}|that\b|this\b|number|it\b|those\b|these\b)", r"^wrong\s+(?:one|video|clip|guy|place)s?$", r"^(?:mark|rate)\s+.{1,30}\s+as\s+(?:bad|wrong|irrelevant|not\s+.{1,12})", r"\bcolder\b", r"\bdoes(?:n't|\s+not)\s+(?:fit|match)\b"),
    rejects=whole(r"(?:no+|nope|nah|wrong|none|neither|not\s+(?:it|quite|really|right|those|these|any\s+of\s+(?:these|those|them))|none\s+of\s+(?:these|those|them|the\s+above)(?:\s+.{1,25})?|that'?s\s+not\s+(?:it|them|right)|(?:they(?:'re|\s+are)\s+|these\s+are\s+|those\s+are\s+)?all\s+wrong|no\s+good|that'?s\s+wrong|incorrect|neither\s+of\s+(?:them|those|these))(?:,?\s*(?:sorry|that'?s\s+not\s+it|not\s+(?:it|that)|wrong|none\s+of\s+(?:these|those|them)))*+"),
    compare=words(r"\bcompare\b", r"\bdifferen(?:ces?|t)\s+(?:is\s+there\s+)?(?:between|from)\b", r"\bwhat(?:'s|\s+is)\s+(?:the\s+)?differen(?:ce|t)\b", r"\bhow\s+do(?:es)?\s+.{1,60}\s+(?:differ|compare)\b", r"\b(?:side\s+by\s+side|versus|vs\.?)\b", r"\bwhat\s+do\s+.{1,50}\s+have\s+in\s+common\b", r"\bwhich\s+(?:of\s+(?:them|these|those|the\s+(?:two|three))|one|is)\b.{0,40}\b(?:longer|shorter|newer|older|better|bigger|brighter|sharper)\b", r"\bare\s+(?:they|these|those|both|the\s+(?:first\s+)?two|\d+\s+and\s+\d+)\b.{0,30}\bthe\s+same\b", r"\bhow\s+(?:similar|alike)\s+are\b"),
    after=whole(rf"{_CAN}(?:and\s+|but\s+|so\s+)*+(?:what(?:'s|\s+is|\s+happens?|\s+comes?|\s+happened|\s+about|\s+follows|\s+was)?\s*(?:right\s+|just\s+|immediately\s+|directly\s+)?(?:the\s+(?:part|bit|scene)\s+)?(?:next|after(?:wards?|\s+(?:that|this|it))?|then|later|following|follows|comes\s+after|right\s+after|after\s+that)(?:\s+(?:that|this|it|happens?|comes?|there|on))?|then(?:\s+what)?|after(?:wards?|\s+(?:that|this|it))|next(?:\s+(?:{_PART}|please|up|bit))?|"
                rf"(?:(?:{_SHOW}|go|jump|skip|move|step|forward|play)\s+(?:me\s+)?(?:on\s+)?(?:to\s+)?)?(?:the\s+)?(?:next|following|later)\s+{_PART}|(?:(?:{_SHOW}|go|jump|skip|play)\s+(?:me\s+)?(?:to\s+)?)?(?:the\s+|what\s+about\s+the\s+)?{_PART}\s+(?:right\s+|just\s+|directly\s+|immediately\s+)?(?:after|following)(?:\s+(?:that|this|it|wards?))?|(?:{_SHOW}\s+(?:me\s+)?)?what\s+(?:happens|comes|follows|happened|came)\s+(?:right\s+|just\s+)?(?:next|after(?:wards)?(?:\s+(?:that|this|it))?)|(?:go|move|skip|jump)\s+(?:forward|ahead|on)(?:\s+(?:a\s+(?:bit|little)|one\s+\w+))?|a\s+(?:bit|little)\s+(?:later|further)|and\s+then|continue|what\s+follows|one\s+(?:part|scene)\s+(?:on|later|forward|further)|how\s+does\s+it\s+(?:go\s+on|continue|end))(?:\s+in\s+(?:it|that\s+\w+|the\s+\w+))?"),
    before=whole(rf"{_CAN}(?:and\s+|but\s+|so\s+)*+(?:what(?:'s|\s+is|\s+happens?|\s+comes?|\s+came|\s+happened|\s+about|\s+was|\s+were)?\s*(?:right\s+|just\s+|immediately\s+|directly\s+|the\s+)*+(?:(?:part|bit|scene|moment)\s+)?(?:right\s+|just\s+)?(?:before|earlier|previously|leads?\s+up\s+to)(?:\s+(?:that|this|it|then|there))?|before(?:\s+(?:that|this|it))?|(?:(?:{_SHOW}|go|jump|skip|move|step|rewind)\s+(?:me\s+)?(?:back\s+)?(?:to\s+)?)?(?:the\s+|what\s+about\s+the\s+)?(?:previous|preceding|prior|earlier)\s+{_PART}|"
                 rf"(?:(?:{_SHOW}|go|jump|skip|rewind|play)\s+(?:me\s+)?(?:back\s+)?(?:to\s+)?)?(?:the\s+|what\s+about\s+the\s+)?{_PART}\s+(?:right\s+|just\s+|directly\s+|immediately\s+)?(?:before|preceding|leading\s+up\s+to)(?:\s+(?:that|this|it))?|(?:{_SHOW}\s+(?:me\s+)?)?what\s+(?:happens|comes|happened|came|was)\s+(?:right\s+|just\s+)?before(?:\s+(?:that|this|it))?|(?:one|a)\s+{_PART}\s+(?:back|earlier|before)|(?:a\s+(?:bit|little)|just)\s+(?:earlier|before(?:\s+that)?)|rewind(?:\s+a\s+(?:bit|little))?|how\s+did\s+it\s+(?:start|come\s+to\s+that)|go\s+back\s+a\s+(?:bit|little|moment|few\s+seconds))(?:\s+in\s+(?:it|that\s+\w+|the\s+\w+))?"),
    whole=whole(rf"{_CAN}(?:(?:{_SHOW}|play|want)\s+(?:me\s+)?)?(?:the\s+)?(?:whole|full|entire|complete)\s+(?:{_ONE}|thing|recording)(?:\s+.{{0,20}})?", rf"{_CAN}(?:{_SHOW}\s+(?:me\s+)?|i\s+want\s+to\s+see\s+)?all\s+of\s+(?:it|{_THIS})", rf"{_CAN}(?:{_SHOW}\s+(?:me\s+)?)?(?:it\s+all|everything\s+(?:in|from)\s+{_THIS}|{_THIS}\s+(?:in\s+full|from\s+(?:the\s+)?(?:start|beginning|top)(?:\s+to\s+(?:the\s+)?(?:end|finish))?))", r"(?:which|what)\s+(?:video|file|clip)\s+is\s+(?:that|this|it)\s+(?:from|in|part\s+of)", rf"{_CAN}(?:{_SHOW}\s+(?:me\s+)?)?the\s+video\s+(?:that\s+|this\s+|it\s+)(?:is|comes|was)\s+(?:from|in)"),
    moment=(
        re.compile(rf"{_CAN}(?:tell\s+me\s+|do\s+you\s+know\s+|i\s+wonder\s+|say\s+)?(?:exactly\s+|roughly\s+|at\s+)?(?:when(?:abouts)?|at\s+(?:what|which)\s+(?:time|point|second|minute|moment)|(?:what|which)\s+(?:time|second|minute)|how\s+(?:far|many\s+(?:seconds|minutes))\s+in(?:to\s+(?:it|the\s+video))?|from\s+when)\s+(?:exactly\s+|roughly\s+)?(?:(?:does|do|did|is|are|was|were|can|will|has|have)\s+)?(?:(?:you\s+see|i\s+see|we\s+see|one\s+see|that\s+happen\s*:|there\s+be|there)\s+)?(?P<what>.+)", re.I),
        re.compile(rf"{_CAN}(?:{_FIND}|{_SHOW}|jump|skip|go|seek|cut|play|take|bring)?\s*(?:me\s+)?(?:forward\s+|ahead\s+|back\s+)?(?:to\s+|for\s+|from\s+)?(?:(?:the|that|a)\s+)(?:exact\s+|very\s+|only\s+)?{_PART}\s*(?:in\s+(?:it|the\s+video|that\s+video)\s*)?(?:where|when|in\s+which|at\s+which|with|of|that\s+shows?|during\s+which|while)\s+(?P<what>.+)", re.I),
        re.compile(rf"{_CAN}(?:jump|skip|fast[-\s]?forward|go|seek|take\s+me|bring\s+me|scroll|rewind|move|get)\s+(?:me\s+)?(?:forward\s+|ahead\s+|back\s+|straight\s+|right\s+)*+(?:to\s+)?(?:where|when)\s+(?P<what>.+)", re.I),
        re.compile(rf"{_CAN}(?:jump|skip|fast[-\s]?forward|seek|scroll)\s+(?:forward\s+|ahead\s+|back\s+|straight\s+|right\s+)*+to\s+(?P<what>(?!the\s+(?:{_NTH})\b).+)", re.I),
        re.compile(rf"{_CAN}where(?:\s+in\s+(?:it|{_THIS}))?\s+(?:(?:is|are|do|does|can|did|was|were)\s+)(?:i\s+(?:see|find)\s+|we\s+see\s+|you\s+see\s+)?(?P<what>.+)", re.I),
        re.compile(rf"(?:find|show\s+me|locate)\s+(?:in\s+(?:it|{_THIS})\s+)(?:where\s+|when\s+)?(?P<what>.+)", re.I),
        re.compile(rf"(?:in|inside|within)\s+(?:it|{_THIS}),?\s+(?:when|where|find|locate|show\s+me)\s+(?:does\s+|do\s+|is\s+|did\s+|are\s+)?(?P<what>.+)", re.I),
    ),
    facts=(
        ("length", words(rf"\bhow\s+long\s+(?:is|are|does|was)\b(?!.*\b(?:until|before|till|take)\b).*\b(?:{_IT}|last|they|video|clip|one|\d)\b", r"\b(?:length|duration)\s+of\b", r"\bhow\s+many\s+(?:minutes|seconds)\s+(?:is|does|long)\b")),
        ("date", words(rf"\bwhen\s+(?:was|were|did\s+(?:i|we|you|they))\s+(?:{_IT}\s+|it\s+|they\s+|.{{0,12}}\s+)?(?:recorded|filmed|shot|taken|made|record|film|shoot|take|created)\b", rf"\b(?:how\s+old|what\s+date|which\s+(?:day|year|date)|what\s+(?:day|year))\b.*(?:{_IT})", r"\brecording\s+date\b", r"\bdate\s+of\b")),
        ("name", words(r"\b(?:what(?:'s|\s+is)|tell\s+me|which\s+is)\s+(?:the\s+)?(?:file\s*)?(?:name|title|path|file|location)\b", rf"\bwhat\s+is\s+{_IT}\s+called\b", rf"\bwhere\s+(?:is|do\s+i\s+find)\s+(?:the\s+|its\s+)?(?:file|{_THIS})\b(?:\s+(?:stored|saved|located|on\s+(?:my\s+)?disk))?\s*$", r"\b(?:which|what)\s+(?:folder|directory|path)\b", r"\bfile\s*name\b")),
        ("size", words(r"\b(?:resolution|frame\s*rate|fps|file\s+size|how\s+(?:big|large)\s+is\s+(?:the|that|this)\s+(?:file|video))\b", r"\bwhat\s+size\b")),
        ("speech", words(r"\bwhat\s+(?:does|do|did|is|are|was)\s+(?:he|she|they|it|the\s+\w+|\w+|anyone|someone|people)?\s*(?:say|said|saying|talk(?:ing)?\s+about|being\s+said|tell|spoken)\b", r"\b(?:transcript|subtitles?|captions?)\s+of\b", r"\b(?:show|give|read)\s+(?:me\s+)?the\s+(?:transcript|subtitles|spoken\s+words)\b", r"\bwhat\s+is\s+said\b")),
        ("screen", words(r"\bwhat\s+(?:is|does|was)\s+(?:written|it\s+say|the\s+(?:sign|text|screen|caption|title|board)\s+say|the\s+text)\b", r"\bwhat(?:'s|\s+is)\s+(?:on|the\s+text\s+on)\s+the\s+(?:screen|sign|board|label)\b", r"\bread\s+(?:me\s+)?the\s+(?:text|sign|screen|board)\b")),
        ("count", whole(r"how\s+many\s+(?:videos|clips|files|films)(?:\s+(?:do\s+(?:you|i|we)\s+have|are\s+(?:there|in\s+(?:my|the|this)\s+library)|have\s+you\s+(?:got|indexed)|is\s+that|does\s+(?:it|the\s+library)\s+have))?(?:\s+in\s+(?:total|all|the\s+library|my\s+library))?", r"how\s+(?:big|large)\s+is\s+(?:my|the|this)\s+library", r"what(?:'s|\s+is)\s+in\s+(?:my|the|this)\s+library")),
    ),
    asks=words(r"^(?:what|who|whom|whose|why|how|which)\b", r"^(?:is|are|was|were|does|do|did|has|have|can|could)\s+(?:he|she|it|they|the|that|this|these|those|someone|somebody|anyone|anybody|there|his|her|their)\b", r"^(?:describe|summari[sz]e|explain|caption|narrate)\b", r"^tell\s+me\s+(?:what|who|why|how|about|if|whether|more)\b", r"^(?:in|at)\s+(?:what|which)\b", r"^and\s+(?:what|who|how|why|is|are|does)\b", r"^do\s+(?:they|we)\b", r"^(?:give\s+me\s+)?(?:a\s+)?(?:summary|description)(?:\s+of\b.*)?$", r"^(?:can|do)\s+you\s+(?:tell|see|describe|know|say)\b", r"^count\s+the\b", r"^name\s+the\b"),
    exists=re.compile(rf"(?:is|are)\s+there\s+(?:also\s+)?(?:(?:any|some)\s*(?:thing|videos?|clips?|footage|recordings?)\s+|a\s+(?:video|clip|recording)\s+|anything\s+|something\s+|any\s+|one\s+|videos?\s+|ones\s+)(?:{_SAID}\s+)?(?P<what>.+)|(?:do|did|have)\s+(?:you|i|we)\s+(?:also\s+)?(?:have|got|own|film|record|shoot)\s+(?:(?:any|some)(?:thing|\s+videos?|\s+clips?|\s+footage)?\s+|a\s+(?:video|clip|recording)\s+|something\s+|videos?\s+|one\s+)?(?:{_SAID}\s+)?(?P<what2>.+)|(?:which|what|how\s+many)\s+(?:of\s+(?:my|the|these|them)\s+)?(?:videos?|clips?|ones?|files?|recordings?|of\s+them)?\s*(?:are\s+there\s+)?(?:{_SAID}|show|shows|has|have|contain|contains)\s+(?P<what3>.+)|where\s+(?:did|have)\s+(?:i|we)\s+(?P<what4>.+)|in\s+(?:which|what)\s+(?:videos?|clips?)\s+(?:is|are|does|do|can)?\s*(?:there\s+)?(?P<what5>.+)", re.I),
    pick=whole(rf"{_CAN}(?:{_SHOW}|back\s+to|return\s+to|go\s+back\s+to|what\s+about|how\s+about|i\s+(?:mean|meant)|it'?s|it\s+is|tell\s+me\s+about|focus\s+on|let\s+me\s+see|let'?s\s+(?:see|take|look\s+at)|again|talk\s+about|i\s+think(?:\s+it'?s)?|maybe|probably|see|try)?\s*(?:me\s+)?(?:again\s+)?(?:at\s+)?(?:,?\s*(?:please|again|more\s+closely|closer|once\s+more|one\s+more\s+time|first|instead|in\s+detail|looks\s+interesting|now|in\s+full))*+"),
    again=words(r"\bback\s+to\b", r"\bagain\b", r"\bonce\s+more\b", r"\b(?:we|i)\s+(?:had|saw|looked\s+at|talked\s+about|started\s+with)\b", r"\bearlier\b", r"\breturn\s+to\b", r"\bof\s+(?:this|the|our)\s+conversation\b"),
    similar=(
        re.compile(rf"{_CAN}(?:{_FIND}\s+|i\s+want\s+)?(?:me\s+)?(?:some\s+|a\s+few\s+|any\s+)?(?:more|others?|something|anything|things?|videos?|clips?|a\s+(?:video|clip)|scenes?|one|another(?:\s+one)?|similar(?:\s+(?:ones?|videos?|clips?|scenes?|things?|stuff))?|moments?)?\s*(?:just\s+)?(?:(?:very\s+|that(?:'s|\s+is|\s+are|\s+looks?)\s+|which\s+is\s+|looking\s+)*+(?:like|similar\s+to|resembling|close\s+to|the\s+same\s+as|along\s+the\s+lines\s+of)\s+(?:the\s+(?:{_NTH})(?:\s+{_ONE})?|{_THIS}|this|that|it|these|those|them|number\s+\d+|#?\d+)|similar(?:\s+(?:ones?|videos?|clips?|scenes?|things?|stuff))?(?:\s+to\s+(?:it|this|that|{_THIS}|the\s+(?:{_NTH})(?:\s+{_ONE})?))?)(?:[,;]?\s*(?P<what>.+))?", re.I),
        re.compile(rf"{_CAN}(?:{_FIND}\s+(?:me\s+)?)?(?:the\s+same|same(?:\s+thing)?)(?:\s+(?:thing|one|video|scene|kind(?:\s+of\s+thing)?|sort(?:\s+of\s+thing)?|idea|again|as\s+(?:that|this|before)))*+(?:[,;]?\s*(?P<what>(?:but|only|just|except|with|in|at|and|without|indoors|outdoors|on)\b.+))?", re.I),
        re.compile(rf"(?:like\s+(?:this|that|it|(?:the\s+(?:{_NTH})|this|that)(?:\s+{_ONE})))[,;]?\s*(?P<what>(?:but|only|just|except|with|in|at|and|without)\b.+)?", re.I),
    ),
    no=re.compile(r"(?:(?:oh|ah|er|um+|hmm+|well|but|ok(?:ay)?)[,.!\s]+)*+(?:no+\b|nope|nah|sorry|wrong|oops|actually|wait|correction|rather|not\s+(?:quite|that|this|it|exactly)\b|that'?s\s+(?:not\s+(?:it|right|what\s+i\s+mean[t]?)|wrong)|i\s+(?:mis-?spoke|mistyped)|my\s+(?:bad|mistake)|i\s+(?:mean|meant|was\s+thinking\s+of|said|wanted|am\s+looking\s+for)\b|i'm\s+after)[,.!;:\s-]*(?:no\b[,.!\s]*|sorry\b[,.!\s]*|it(?:'s|\s+(?:was|is))\s+|i\s+(?:mean|meant|was\s+thinking\s+of|said|wanted)\s+(?:to\s+say\s+)?|make\s+(?:it|that)\s+|let'?s\s+say\s+|should\s+(?:be|have\s+been)\s+|rather\s+|actually\s+|that\s+)*+", re.I),
    instead=(
        re.compile(r"(?:(?:it(?:'s|\s+is|\s+was)|i\s+(?:said|mean|meant))\s+)?not\s+(?P<old>[^,;]+?)\s*(?:[,;]|\s-+\s|\s+but)\s*(?:but\s+|rather\s+)?(?!not\b|no\b|the\s+(?:first|second|third|last)\b)(?P<what>.+)", re.I),
        re.compile(r"(?P<what>.+?)\s*,?\s+(?:instead\s+of|rather\s+than|in\s+place\s+of|not|in\s*stead\s+of)\s+(?P<old>[^,]+)", re.I),
        re.compile(r"(?:replace|swap|exchange|change|switch)\s+(?P<old>.+?)\s+(?:with|by|for|to|into)\s+(?P<what>.+)", re.I),
        re.compile(r"(?:make|turn)\s+(?:it|that|them|the\s+(?P<old>\w+))\s+(?:into\s+)?(?P<what>.+)", re.I),
        re.compile(r"(?:what|how)\s+(?:about|if\s+(?:it\s+(?:is|was|were)|they\s+(?:are|were)))\s+(?P<what>.+?)(?:\s+instead)?", re.I),
        re.compile(r"(?P<what>.+?)\s*,?\s+instead", re.I),
    ),
    without=re.compile(r"(?:[,;.]\s*|\s+|^)(?:(?:but|and|only|just|the\s+ones?|those|ones|show(?:\s+me)?|videos?)\s+)*+(?:without|minus|except(?:\s+for)?|excluding|exclude|leave\s+out|leaving\s+out|but\s+not|and\s+not|not(?=\s+(?:the\s+|an?\s+)?\w+\s+ones?$)|not\s+(?:the\s+ones?\s+)?(?:with|in|at|on|of|those\s+(?:with|in|at|on))|with\s+no|no\s+more|nothing\s+with|but\s+no|and\s+no|where\s+there\s+(?:is|are)\s+no|(?:that|which)\s+(?:has|have|do(?:es)?n'?t\s+(?:have|show|contain))\s+(?:no|any)?|there\s+(?:should|must)\s+be\s+no|there\s+(?:is|are|was|were)\s+no|(?:do(?:es)?n'?t|do(?:es)?\s+not|must\s+not|should\s+not|shouldn'?t|mustn'?t)\s+(?:show|have|contain|include|be)|i\s+don'?t\s+want(?:\s+to\s+see)?|don'?t\s+want|remove(?:\s+(?:all|everything|the\s+ones?|those))?(?:\s+(?:with|of|in))?|drop(?:\s+(?:the\s+ones?|those))?(?:\s+with)?|filter\s+out|skip(?:\s+(?:the\s+ones?|those|anything))?(?:\s+with)?|hide(?:\s+(?:the\s+ones?|those|anything))?(?:\s+with)?|no(?=\s+(?!longer|more|shorter|less|later|earlier|one\b|idea)\w))\s+(?:the\s+ones?\s+(?:with|in|at|on)\s+)?(?:any\s+|a\s+|an\s+|the\s+)?(?P<what>[^,;]+?)(?:\s+(?:in\s+(?:it|them|there)|at\s+all|please|this\s+time|anywhere|anymore))*+(?=$|[,;])", re.I),
    adds=(
        re.compile(r"(?:and|but|also|plus|additionally|furthermore|moreover)[,\s]+(?:also\s+|only\s+|just\s+|it\s+(?:must|should|has\s+to|needs\s+to)\s+(?:be\s+|have\s+)?|they\s+(?:must|should|have\s+to)\s+(?:be\s+|have\s+)?|there\s+(?:is|are|was|were|must\s+be|should\s+be)\s+(?:also\s+)?|with\s+|it(?:'s|\s+is|\s+was)\s+|make\s+it\s+|in\s+it\s+there\s+(?:is|are)\s+|where\s+)*+(?P<what>.+)", re.I),
        re.compile(r"(?:only|just|limit(?:ed)?\s+(?:it\s+)?to|restrict(?:ed)?\s+(?:it\s+)?to|narrow\s+(?:it\s+)?(?:down\s+)?to|keep(?:\s+only)?|filter\s+(?:for|by|to)|nothing\s+but|out\s+of\s+(?:these|those|them),?)\s+(?:show\s+(?:me\s+)?|keep\s+)?(?:the\s+|those\s+|these\s+)?(?:ones?|videos?|clips?|results?|of\s+(?:them|these|those)|those|these)?\s*(?:with\s+|where\s+|that\s+(?:are\s+|have\s+|is\s+|show\s+)?|which\s+(?:are\s+|have\s+)?|in\s+which\s+|who\s+)?(?P<what>.+)", re.I),
        re.compile(r"(?:(?:it|he|she|they|that|this|there)(?:'s|'re|\s+(?:is|are|was|were|has|have|had|must|should|needs?))\s+(?:also\s+|to\s+|be\s+|have\s+|a\s+lot\s+of\s+)*+)(?P<what>.+)", re.I),
        re.compile(rf"(?:the|that|those|the\s+exact)\s+(?:{_ONE}|ones)\s+(?:with|where|in\s+which|that|which|who|at|on|in|of|from|by|during|under|near|inside|outside|without|wearing|having|showing)\s+(?:there\s+(?:is|are)\s+)?(?P<what>.+)", re.I),
        re.compile(r"(?P<what>(?:with|at|in|on|near|during|under|inside|outside|by|wearing|while|where|from)\s+(?:the\s+|a\s+|an\s+)?.+)", re.I),
        re.compile(r"(?:the|a|an|some)\s+(?P<what>(?!(?:other|same|different|new)\b)\w+(?:\s+\w+)?)\s+ones?", re.I),
        re.compile(r"(?P<what>(?:the|that)\s+\w+\s+(?:then|also|now|later|is|are|has|should)\s+.+)", re.I),
        re.compile(r"(?:(?:he|she|they|it)\s+)(?P<what>(?!.*\?).+)", re.I),
        re.compile(r"(?:add|include|plus)\s+(?P<what>.+)", re.I),
        re.compile(r"(?:more\s+(?:specifically|precisely)|specifically|especially|preferably|ideally|must\s+(?:be|have)|should\s+(?:be|have))[,:\s]+(?P<what>.+)", re.I),
    ),
    lead=re.compile(rf"{_CAN}(?:(?:{_FIND}|i(?:'m|\s+am)\s+(?:looking|searching)\s+for|i\s+(?:am\s+after|want|need)|looking\s+for|search|any(?:\s+(?:video|clip|footage)s?)?\s+(?=(?:with|of|where)\b)|do\s+we\s+have|is\s+there|are\s+there)\b\s*(?:me\s+|us\s+|for\s+)*+(?:again\s+)?)?(?:to\s+see\s+)?(?:(?:(?:a|an|the|any|all|some|this|that|my|one|every|another|all\s+the|all\s+my|several)\s+)?(?:videos?|clips?|films?|movies?|footage|recordings?|scenes?|shots?|something|anything|one|ones|moments?|material|vids?|stuff|things?)\s*(?:[:]|{_SAID}\b|in\s+which\b|on\s+which\b|like(?=\s+(?:a|an|this:))|from(?=\s+when\b)|for(?=\s)|that\s+(?:has|have|contains?)\b|there\s+is\b)\s*(?:there\s+(?:is|are)\s+)?)?[:\s]*", re.I),
    tail=re.compile(r"[\s,]*(?:(?:please|pls|plz|thanks|thank\s+you|if\s+(?:you\s+can|possible|there\s+is\s+(?:one|any))|for\s+me|in\s+(?:my|the)\s+(?:library|videos|collection|archive)|or\s+(?:something|so)(?:\s+like\s+that)?|i\s+(?:think|guess|believe)|as\s+far\s+as\s+i\s+remember|(?<=\w)\s+again|right|too|as\s+well)[\s,]*)+$", re.I),
    refs=(
        ("all", words(r"\b(?:the\s+)?(?:first|top)\s+(?P<n>two|three|four|five|six|ten|\d{1,2})\b(?!\s+(?:seconds?|minutes?|s\b))(?:\s+" + _ONES + r")?", r"\b(?:both(?:\s+of\s+(?:them|these|those))?|all\s+of\s+(?:them|these|those)|all\s+(?:the\s+)?(?:results|hits|videos|ones)|(?:these|those)(?:\s+(?:ones|two|three|videos|clips|results|hits))?|(?:the\s+)?(?:whole\s+)?list|them\s+all|them|everything|each\s+of\s+(?:them|these)|all(?=\s*$)|(?:the\s+)?results)\b")),
        ("rank", words(rf"\b(?:the\s+)?(?P<n>second|third|2nd|3rd)[\s-](?:to[\s-])?last(?:\s+{_ONE})?\b")),
        ("other", words(rf"\b(?:the\s+)?other\s+{_ONE}\b", r"\bthe\s+other(?=\s*$)")),
        ("rank", words(rf"\b(?:the\s+|that\s+)?(?P<n>{_NTH})\s+{_ONE}\b", rf"\b(?:number|num|no\.?|nr\.?|result|hit|video|clip|option|candidate)\s*#?\s*(?P<n2>{_NUMBER})\b(?!\s*(?:seconds?|minutes?|times|people|videos))", r"#\s*(?P<n3>\d{1,3})\b", rf"\bthe\s+(?P<n4>{_NTH})(?=\s*(?:$|,|\?|!|\.|and\b|or\b|is\b|with\b|but\b|from\b|to\b|in\s+(?:the|that)\s+list))", rf"\b(?:the\s+)?(?P<n5>top|best|uppermost|bottom|lowest)(?:most)?\s+(?:{_ONE}|of\s+(?:them|these))\b", rf"(?<=\band\s)(?:the\s+)?(?P<n6>{_NTH})\b(?=\s*(?:$|\?|one|and\b))", r"\bthe\s+one\s+(?:at|on)\s+(?:the\s+)?(?:very\s+)?(?P<n7>top|bottom)\b", rf"^(?:the\s+)?(?P<n8>{_NTH})$", r"^(?P<n9>\d{1,2})$", r"(?<=\bvs\s)(?P<n10>\d{1,2})\b", r"(?<=\band\s)(?P<n11>\d{1,2})(?=\s*(?:$|\?|and\b|are\b|differ|compare|have\b|,))")),
        ("next", words(rf"\b(?:the\s+)?next\s+{_ONE}\b(?:\s+(?:in|on|of|down)\s+the\s+list)?")),
        ("previous", words(rf"\b(?:the\s+)?(?:previous|preceding|earlier)\s+{_ONE}\b", rf"\b(?:the\s+)?{_ONE}\s+(?:before(?:\s+(?:that|this|it))?|(?:we|i)\s+(?:had|saw|looked\s+at|talked\s+about)\s+before|from\s+before|from\s+earlier)(?=\s*(?:$|again|please))")),
        ("focus", words(rf"\b(?:in|of|from|to|for|with|about|inside|during|at|on)?\s*\b(?:(?:that|this|the\s+same|the\s+current)\s+(?:very\s+)?(?:{_ONE}|{_PART}|thing)|the\s+(?:video|clip|film|movie|recording)(?!\s+(?:with|where|of|in|that|from|which|about|number|i\b|we\b)))\b", r"\b(?:in|of|from|about|inside|with|to|like)\s+(?:it|there|this|that)\b(?=\s*(?:$|[,?.!]))", r"\bthis(?=\s*(?:$|[,?.!]))", r"\bthat(?=\s*(?:$|[,?.!]))", r"^(?:it|that|this|there)$")),
    ),
    numbers={
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
        "eighth": 8, "ninth": 9, "tenth": 10, "last": -1, "one": 1, "two": 2, "three": 3,
        "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "top": 1, "best": 1, "uppermost": 1, "bottom": -1, "lowest": -1, "a": 1, "an": 1,
    },
    most=(
        ("longest", words(rf"\b(?:the\s+)?longest(?:\s+{_ONE})?(?:\s+of\s+(?:them|these|those))?\b")),
        ("shortest", words(rf"\b(?:the\s+)?shortest(?:\s+{_ONE})?(?:\s+of\s+(?:them|these|those))?\b")),
        ("newest", words(rf"\b(?:the\s+)?(?:newest|latest|most\s+recent)(?:\s+{_ONE})?(?:\s+of\s+(?:them|these|those))?\b")),
        ("oldest", words(rf"\b(?:the\s+)?oldest\s+{_ONE}(?:\s+of\s+(?:them|these|those))?\b", r"\bthe\s+oldest$")),
    ),
    channels=(
        ("speech", words(r"\b(?:someone|somebody|anyone|he|she|they|people|i|we|who)\s+(?:says?|said|mentions?|mentioned|talks?\s+about|talked\s+about|speaks?\s+(?:of|about)|saying)\s+(?:the\s+words?\s+)?(?=\S)", r"^(?:says?|mentions?|mentioning|saying|talking\s+about)\s+", r"\bthe\s+words?\s+(?=[\"“'].+[\"”'].*(?:is|are)\s+(?:said|spoken))")),
        ("screen", words(r"\b(?:the\s+)?(?:text|sign|words?|title|caption|label|writing|slide|screen)\s+(?:that\s+)?(?:reads?|says?|saying|reading|shows?)\s+(?=\S)", r"\bwritten\s+(?:on\s+(?:it|the\s+screen|a\s+sign)\s*)?:?\s*(?=[\"“'])")),
    ),
    indifferent=whole(r"(?:i\s+)?(?:don'?t|do\s+not)\s+(?:know|care|remember|mind|recall)(?:\s+.{1,20})?", r"(?:it\s+)?does(?:n'?t|\s+not)\s+matter", r"no\s+idea", r"(?:either|any|whatever|neither|skip|not\s+sure|no\s+preference|unsure|can'?t\s+(?:say|tell|remember)|dunno|hard\s+to\s+say|i'?m\s+not\s+sure)(?:\s+.{1,12})?"),
    yes=whole(r"(?:yes|yeah|yep|yup|sure|right|correct|ok(?:ay)?|exactly|do\s+it|go\s+ahead|please\s+do|of\s+course|y)(?:[,\s]+(?:please|it\s+(?:is|does|was)|there\s+(?:is|are)|they\s+do|do\s+(?:it|so|that)|exactly|sure))*+"),
    nope=whole(r"(?:no|nope|nah|n|not\s+really)(?:[,\s]+(?:it\s+(?:is|does|was)(?:n'?t|\s+not)|there\s+(?:is|are)(?:n'?t|\s+not)|thanks?|thank\s+you|don'?t|please\s+don'?t))*+"),
    both=re.compile(r"(?P<first>(?:.{0,30}?)\b(?:cut|export|save|play|clip|trim|like|download|keep)\b[^,;.]*?)\s*(?:[,;.]\s*(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?)(?P<what>(?:find|show|search|look|give|get|more|something)\b.+)", re.I),
    empty=whole(r"(?:(?:the|a|an|some|any|all|my|me|only|just|those|these|ones?|videos?|clips?|results?|films?|files?|recordings?|footage|it|them|that|this|which|were|was|are|is|with|of|from|in|and|but|please|i|made|recorded|filmed|shot|taken|took|show|find|give|to|be|must|should|long|what|about|anything|something|there|also|now|have|has|do|you|we|how|instead|at|hmm+|ok|okay|so|oh|back|again|go|or|limit|restrict|keep|filter|narrow|down|by|for|rather|prefer|want|need|more|so|than|as|well|then|no|not|like|kind|time|length|size|out|ago|,|\.|\?|!|;|:|-)\s*)*+"),
    kinds=(
        frozenset(["red", "orange", "yellow", "green", "cyan", "turquoise", "blue", "purple", "violet", "pink", "brown", "white", "grey", "gray", "black", "golden", "silver", "beige"]),
        frozenset(["small", "little", "tiny", "large", "big", "huge"]),
        frozenset(["circle", "disc", "dot", "square", "box", "triangle", "star", "hexagon", "heart", "cross", "ring", "hoop", "diamond", "rhombus", "crescent"]),
        frozenset(["circles", "discs", "dots", "squares", "boxes", "triangles", "stars", "hexagons", "hearts", "crosses", "rings", "hoops", "diamonds", "crescents"]),
        frozenset(["man", "woman", "boy", "girl", "child", "kid", "baby", "lady", "guy", "person", "grandmother", "grandfather", "grandma", "grandpa", "mother", "father"]),
        frozenset(["men", "women", "boys", "girls", "children", "kids", "babies", "ladies", "guys", "people"]),
        frozenset(["dog", "cat", "horse", "bird", "cow", "sheep", "rabbit", "fish", "duck", "goat", "pig", "monkey", "elephant", "lion", "puppy", "kitten", "goose", "chicken"]),
        frozenset(["dogs", "cats", "horses", "birds", "cows", "ducks", "goats", "puppies", "kittens", "rabbits"]),
        frozenset(["car", "bus", "truck", "bike", "bicycle", "motorcycle", "motorbike", "train", "boat", "ship", "plane", "van", "scooter", "taxi", "tram", "helicopter"]),
        frozenset(["beach", "forest", "street", "kitchen", "garden", "office", "park", "mountain", "mountains", "lake", "river", "sea", "desert", "pool", "gym", "field", "meadow", "bathroom", "bedroom", "classroom"]),
        frozenset(["night", "day", "daytime", "sunset", "sunrise", "dusk", "dawn", "noon", "morning", "evening", "afternoon"]),
        frozenset(["indoors", "outdoors", "inside", "outside"]),
        frozenset(["summer", "winter", "spring", "autumn", "fall"]),
        frozenset(["rain", "snow", "sunshine", "fog"]), frozenset(["rainy", "snowy", "sunny", "foggy", "cloudy"]),
        frozenset(["one", "two", "three", "four", "five", "six", "single"]),
        frozenset(["guitar", "piano", "violin", "drums", "flute", "trumpet", "cello", "saxophone"]),
        frozenset(["football", "soccer", "tennis", "basketball", "volleyball", "golf", "hockey", "rugby", "baseball"]),
        frozenset(["left", "right"]), frozenset(["up", "down", "upwards", "downwards"]),
        frozenset(["walking", "running", "sitting", "standing", "swimming", "dancing", "jumping", "cycling", "sleeping", "lying"]),
        frozenset(["walks", "runs", "sits", "stands", "swims", "dances", "jumps", "sleeps"]),
        frozenset(["pasta", "pizza", "bread", "cake", "soup", "rice", "salad", "noodles", "pancakes"]),
        frozenset(["happy", "sad", "angry"]), frozenset(["young", "old"]),
        frozenset(["coffee", "tea", "milk", "water", "juice", "beer", "wine"]),
        frozenset(["wedding", "birthday", "party", "concert", "graduation", "funeral"]),
        frozenset(["hat", "cap", "helmet", "scarf", "glasses", "sunglasses"]),
        frozenset(["shirt", "jacket", "coat", "dress", "sweater", "t-shirt", "skirt"]),
    ),
)  # fmt: skip
