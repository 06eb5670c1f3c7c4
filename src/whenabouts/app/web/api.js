// The calls of /api/v1, and nothing else on this page talks to the server.

const ROOT = "/api/v1";

export class Problem extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "the server did not answer");
    this.problem = problem;
  }
}

async function answered(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  let problem = { title: response.statusText, status: response.status };
  try {
    problem = await response.json();
  } catch { /* not JSON: the status has to do */ }
  throw new Problem(problem);
}

export async function get(path, query, signal) {
  const given = Object.entries(query || {}).filter(([, v]) => v !== undefined && v !== "");
  const words = new URLSearchParams(given).toString();
  return answered(await fetch(ROOT + path + (words ? `?${words}` : ""), { signal }));
}

export async function post(path, body, signal) {
  return answered(await fetch(ROOT + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body || {}),
    signal,
  }));
}

export async function remove(path) {
  return answered(await fetch(ROOT + path, { method: "DELETE" }));
}

/** Send a file as it is; `onShare` hears 0..1. fetch cannot tell how far an upload is. */
export function send(path, file, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", ROOT + path);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.upload.onprogress = (e) => onShare && e.lengthComputable && onShare(e.loaded / e.total);
    request.onerror = () => reject(new Problem({ detail: "the connection was lost" }));
    request.onload = () => {
      let value = {};
      try {
        value = JSON.parse(request.responseText);
      } catch { /* told by its status */ }
      if (request.status < 300) resolve(value);
      else reject(new Problem({ title: request.statusText, ...value }));
    };
    request.send(file);
  });
}

export const fileUrl = (id) => `${ROOT}/videos/${id}/file`;
export const trackUrl = (id) => `${ROOT}/videos/${id}/captions.vtt`;
export const spriteUrl = (id) => `${ROOT}/videos/${id}/sprite`;
export const pictureUrl = (id, t, exact) =>
  `${ROOT}/videos/${id}/picture?t=${Math.max(0, t).toFixed(3)}${exact ? "&exact=true" : ""}`;

/** Follow a job until it ends; `onNews` hears every step. */
export function follow(id, onNews) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`${ROOT}/jobs/${id}/events`);
    events.addEventListener("progress", (e) => onNews && onNews(JSON.parse(e.data)));
    events.addEventListener("end", (e) => {
      events.close();
      const job = JSON.parse(e.data);
      if (onNews) onNews(job);
      if (job.state === "done") resolve(job.result);
      else reject(new Problem(job.error || { detail: job.state }));
    });
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) reject(new Problem({ detail: "the connection was lost" }));
    };
  });
}

/** Ask for long work: an answer, or a job that is followed to its end. */
export async function work(path, body, onNews) {
  const value = await post(path, { wait_s: 0, ...body });
  return value.state && value.request ? (onNews && onNews(value), follow(value.id, onNews)) : value;
}

/** POST that answers with server-sent events; `onEvent(name, value)`. */
export async function stream(path, body, onEvent, signal) {
  const response = await fetch(ROOT + path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) await answered(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting += value;
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (name && data) onEvent(name[1], JSON.parse(data[1]));
    }
  }
}
