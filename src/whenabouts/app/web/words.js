// Every word of the page in both languages.

const EN = {
  name: "whenabouts", search: "Search", say_it: "Say what happens: a red star moves left",
  skip: "Skip to the results", lang: "中文", theme: "Light or dark", add: "Add videos", jobs: "Work",
  library: "Library", videos: "{n} videos, {s}", more: "Show more", results: "{n} moments for “{q}”", results_1: "1 moment for “{q}”",
  searching: "Searching …", none: "Not in your library", took: "{n} ms", by_image: "Search with a picture",
  filters: "Filters", kind: "Kind", any: "any", video: "video", animation: "animation", image: "image",
  audio: "sound", longest: "At most (s)", shortest: "At least (s)", channel: "Found in", unsure: "Show unsure hits",
  visual: "pictures", speech: "speech", screen: "on-screen text", subtitle: "subtitles", chapter: "chapters",
  metadata: "metadata", name_channel: "name", open: "Open", like: "Like", dislike: "Dislike",
  alike: "More like this", compare: "Compare", choose: "Choose for export", copy_link: "Copy link",
  copied: "The link is copied.", curve: "Score over time; choose a point to play from there",
  evidence: "Why", at: "at {t}", score: "score {n}", close: "Close", play: "Play", pause: "Pause", back: "−5 s, back",
  forward: "+5 s, forward", slower: "Previous hit", faster: "Next hit", timeline: "Timeline of the video",
  moments: "Moments", chat: "Talk", ask: "Ask", caption: "Captions", highlights: "Highlights",
  locate: "Locate and answer", texts: "Transcript", panels: "Panels of this video", no_moments: "No moments here yet. Search for something.",
  keys: "Keys: space plays, j and l jump 5 s, k pauses, arrows 1 s, , and . one frame, n and p next and previous hit, / search, c chooses, m sound, f full screen.",
  send: "Send", message: "Your message", hello: "Ask for a video, then for the moment, then about it.",
  new_chat: "New talk", model: "Model", frames_model: "frames (no language model)", question: "Question",
  language: "Language", english: "English", chinese: "Chinese", run: "Run", stop: "Stop", preset: "Way of answering",
  frames: "Frames", beams: "Beams", temperature: "Temperature", top_p: "Top p", new_tokens: "Longest answer (tokens)",
  seed: "Seed", query: "What matters (may be empty)", options: "Options, one a line (two to five, or none)", key_frames: "Key frames",
  localize: "Locate and answer!", answer: "Answer", working: "Working …", no_llm: "No video language model is served. Start with: whenabouts serve --model DIR",
  export: "Export", chosen: "{n} chosen", format: "Format", exact: "Exact to the frame (slower)", clear: "Clear",
  clip: "video clips", csv: "table (CSV)", vtt: "chapters (WebVTT)", otio: "timeline (OTIO)", edl: "edit list (EDL)", fcpxml: "Final Cut (FCPXML)",
  fetch: "Fetch {name}", path: "Folder or file on the machine of the library", upload: "Or drop a file here, or choose one",
  index: "Add", indexing: "Indexing", uploading: "Uploading {n} %", cancel: "Cancel", no_jobs: "No work at the moment.",
  queued: "waiting", running: "running", done: "done", failed: "failed", cancelled: "cancelled", status: "{n} frames, {t} texts",
  failed_files: "{n} files could not be read", restart: "Restart", upload_chat: "Upload & start chat", restart_note: "Forget the talk about this video",
  compare_title: "Compare two videos", together: "Play together", end_compare: "End comparing", no_text: "Nothing was said or written here.",
  cannot_play: "This browser cannot play the file. Export a clip, or open it with another program.", exact_frame: "Frame at {t}",
  found_n: "{n} moments found.", you: "You", it: "whenabouts", retry: "Try again", lost: "The server does not answer.",
  notes: "Notes", confidence: "confidence {n}", delete_chat: "Delete", chats: "Earlier talks", mute: "Sound", captions_on: "Subtitles", full: "Full screen",
  empty: "Nothing is here yet. Add a folder or a file, and say what happens in it.", this_talk: "This talk", limit_note: "Times of one answer reach 8191 s at most.",
  found_1: "1 moment found.", image_note: "A picture is one frame.",
};

const ZH = {
  name: "whenabouts", search: "搜索", say_it: "描述发生的事：红色的星星向左移动", skip: "跳到结果", lang: "English",
  theme: "浅色或深色", add: "添加视频", jobs: "任务", library: "视频库", videos: "{n} 个视频，{s}", more: "显示更多",
  results: "“{q}”的 {n} 个片段", searching: "正在搜索……", none: "库里没有", took: "{n} 毫秒", by_image: "用图片搜索",
  filters: "筛选", kind: "类型", any: "不限", video: "视频", animation: "动画", image: "图片", audio: "声音",
  longest: "最长（秒）", shortest: "最短（秒）", channel: "出现在", unsure: "显示不确定的结果", visual: "画面", speech: "语音",
  screen: "屏幕文字", subtitle: "字幕", chapter: "章节", metadata: "元数据", name_channel: "文件名", open: "打开", like: "喜欢",
  dislike: "不喜欢", alike: "更多类似的", compare: "比较", choose: "选中以导出", copy_link: "复制链接", copied: "链接已复制。",
  curve: "随时间变化的得分；选一点从那里播放", evidence: "依据", at: "在 {t}", score: "得分 {n}", close: "关闭", play: "播放",
  pause: "暂停", back: "−5 s，后退", forward: "+5 s，前进", slower: "上一个片段", faster: "下一个片段", timeline: "视频时间轴",
  moments: "片段", chat: "对话", ask: "提问", caption: "描述", highlights: "精彩片段", locate: "定位并回答", texts: "文字稿",
  panels: "这个视频的面板", no_moments: "这里还没有片段。请先搜索。",
  keys: "按键：空格播放，j 和 l 跳 5 秒，k 暂停，方向键 1 秒，, 和 . 一帧，n 和 p 下一个和上一个片段，/ 搜索，c 选中，m 声音，f 全屏。",
  send: "发送", message: "你的消息", hello: "先找视频，再找片段，然后就它提问。", new_chat: "新对话", model: "模型",
  frames_model: "frames（无语言模型）", question: "问题", language: "语言", english: "英语", chinese: "中文", run: "运行", stop: "停止",
  preset: "回答方式", frames: "帧数", beams: "束宽", temperature: "温度", top_p: "Top p", new_tokens: "最长回答（词元）", seed: "随机种子",
  query: "什么重要（可留空）", options: "选项，每行一个（二到五个，或不填）", key_frames: "关键帧数", localize: "定位并回答！", answer: "回答",
  working: "处理中……", no_llm: "没有提供视频语言模型。请这样启动：whenabouts serve --model 目录", export: "导出", chosen: "已选 {n} 个",
  format: "格式", exact: "精确到帧（较慢）", clear: "清空", clip: "视频片段", csv: "表格（CSV）", vtt: "章节（WebVTT）", otio: "时间线（OTIO）",
  edl: "剪辑表（EDL）", fcpxml: "Final Cut（FCPXML）", fetch: "下载 {name}", path: "视频库所在机器上的文件夹或文件", upload: "或把文件拖到这里，或选择文件",
  index: "添加", indexing: "正在建立索引", uploading: "正在上传 {n} %", cancel: "取消", no_jobs: "现在没有任务。", queued: "等待中",
  running: "进行中", done: "完成", failed: "失败", cancelled: "已取消", status: "{n} 帧，{t} 段文字", failed_files: "{n} 个文件无法读取",
  restart: "重新开始", upload_chat: "上传并开始对话", restart_note: "忘掉关于这个视频的对话", compare_title: "比较两个视频", together: "一起播放",
  end_compare: "结束比较", no_text: "这里没有语音或文字。", cannot_play: "浏览器无法播放此文件。请导出片段，或用其他程序打开。", exact_frame: "{t} 的画面",
  found_n: "找到 {n} 个片段。", you: "你", it: "whenabouts", retry: "重试", lost: "服务器没有回应。", notes: "说明", confidence: "把握 {n}",
  delete_chat: "删除", chats: "以前的对话", mute: "声音", captions_on: "字幕", full: "全屏",
  empty: "这里还没有视频。请添加文件夹或文件，然后描述其中发生的事。", this_talk: "当前对话", limit_note: "回答中的时间最多到 8191 秒。",
  found_1: "找到 1 个片段。", image_note: "图片当作一帧。", results_1: "“{q}”的 1 个片段",
};

const BOTH = { en: EN, zh: ZH };

function first() {
  const kept = localStorage.getItem("lang");
  if (kept in BOTH) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export let lang = first();

export function setLang(next) {
  lang = next;
  localStorage.setItem("lang", next);
}

/** The words for `key`; {names} are filled in. */
export function t(key, values) {
  const text = BOTH[lang][key] ?? EN[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
}

export const keysOf = () => [Object.keys(EN), Object.keys(ZH)];
