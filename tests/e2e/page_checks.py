"""What is looked at on a page for people who do not see it, or not well; each lists what is wrong.

They stand in for axe-core, which is asked, too, where there is one.
"""

NAMES = r"""(() => {
  const wrong = [];
  const seen = (one) => one.checkVisibility() && !one.closest("[aria-hidden=true]");
  const label = (one) => {
    const by = (one.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent || "").join(" ");
    const own = [...(one.labels || [])].map((label) => label.textContent).join(" ");
    return (one.getAttribute("aria-label") || by || own || one.textContent || one.alt || "").trim();
  };
  const all = "button, a[href], input, select, textarea, summary, video, progress, section, " +
    "[role=slider], [role=tab], [role=tabpanel], [role=log], [role=img], article";
  for (const one of document.querySelectorAll(all)) {
    if (seen(one) && !label(one)) wrong.push(`no name: ${one.outerHTML.slice(0, 160)}`);
  }
  for (const img of document.querySelectorAll("img")) {
    if (!img.hasAttribute("alt")) wrong.push(`no alt: ${img.outerHTML.slice(0, 160)}`);
  }
  const refer = ["aria-controls", "aria-labelledby", "aria-describedby"];
  for (const one of document.querySelectorAll(refer.map((name) => `[${name}]`).join())) {
    for (const name of refer) {
      for (const id of (one.getAttribute(name) || "").split(" ").filter(Boolean)) {
        if (!document.getElementById(id)) wrong.push(`${name} names ${id}, which is not there`);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  wrong.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: #${id}`));
  for (const one of document.querySelectorAll("[tabindex]")) {
    if (one.tabIndex > 0) wrong.push(`tabindex above 0: ${one.outerHTML.slice(0, 120)}`);
  }
  return wrong;
})()"""
"""Names of controls, texts of pictures, references, ids."""

ORDER = r"""(() => {
  const wrong = [];
  if (!document.documentElement.lang) wrong.push("no language");
  if (!document.title) wrong.push("no title");
  for (const tag of ["header", "main", "h1"]) {
    if (document.querySelectorAll(tag).length !== 1) wrong.push(`not one ${tag}`);
  }
  let last = 0;
  for (const head of document.querySelectorAll("h1, h2, h3, h4")) {
    if (!head.checkVisibility()) continue;
    const level = Number(head.tagName[1]);
    if (level > last + 1) wrong.push(`h${level} after h${last}: ${head.textContent.slice(0, 60)}`);
    last = level;
  }
  for (const one of document.querySelectorAll("button, [role=tab], select, summary")) {
    const box = one.getBoundingClientRect();
    if (one.checkVisibility() && (box.width < 24 || box.height < 24)) {
      wrong.push(`smaller than 24 px: ${one.outerHTML.slice(0, 120)}`);
    }
  }
  return wrong;
})()"""
"""Language, title, landmarks, order of headings, size of what is pressed."""

CONTRAST = r"""(() => {
  const wrong = [];
  const parts = (text) => {
    const found = text.match(/[\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), a: found.length > 3 ? found[3] : 1 };
  };
  const over = (top, below) => top.rgb.map((c, at) => c * top.a + below[at] * (1 - top.a));
  const light = (rgb) => {
    const line = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((c) => line(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const chain = [];
    for (let at = one; at; at = at.parentElement) {
      chain.unshift(parts(getComputedStyle(at).backgroundColor));
    }
    return chain.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    const text = walk.currentNode.data.trim().slice(0, 60);
    const away = ".quiet, .skip, script, button:disabled, select:disabled";
    if (!text || !one.checkVisibility() || one.closest(away)) continue;
    const style = getComputedStyle(one);
    const ground = behind(one);
    const both = [light(over(parts(style.color), ground)), light(ground)];
    const [high, low] = both.sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const big = parseFloat(style.fontSize) >= (style.fontWeight >= 700 ? 18.7 : 24);
    if (ratio < (big ? 3 : 4.5)) wrong.push(`${ratio.toFixed(2)}: ${text}`);
  }
  return wrong;
})()"""
"""Contrast of every text that is seen against what lies behind it (WCAG 2, level AA)."""
