// The page works without this file: every button is a form. With it, nothing is loaded anew and what others
// change is seen at once. What the server sends is put in as it was rendered there; nothing is built here.
"use strict";

const TRIES = 4;
const trouble = document.querySelector(".trouble");
const panes = new Map([...document.querySelectorAll(".pane")].map((one) => [one.dataset.person, one]));
const busy = new Map(), waiting = new Map(); // people whose form is on its way, and what came for them meanwhile

const fresh = () => [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const tell = (words) => {
  trouble.textContent = words;
  trouble.hidden = !words;
};

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

// Put in what came: messages below those that are there, then the present one with its buttons, if it is another.
function put(pane, html, own) {
  const came = parsed(html), log = pane.querySelector(".log"), live = log.querySelector(".live");
  const news = [...came.querySelectorAll(".said[data-n]")].filter((one) => !log.querySelector(`[data-n="${CSS.escape(one.dataset.n)}"]`));
  const next = came.querySelector(".live");
  const older = Number(next.dataset.rev) < Number(live.dataset.rev);
  if (older && !own) return;
  for (const one of news) log.insertBefore(document.importNode(one, true), live);
  const first = news.length ? log.querySelector(`[data-n="${CSS.escape(news[0].dataset.n)}"]`) : null;
  if (older || (next.dataset.mark === live.dataset.mark && !own)) {
    if (!older) seen(pane, next.dataset, own);
    return;
  }
  const form = pane.querySelector(".buttons"), held = form.contains(document.activeElement) ? document.activeElement.textContent : null;
  const inside = live.contains(document.activeElement) || document.activeElement === live;
  const shown = document.importNode(next, true), buttons = document.importNode(came.querySelector(".buttons"), true);
  log.replaceChild(shown, live);
  form.replaceWith(buttons);
  pane.querySelector(".talks").textContent = shown.dataset.talks;
  seen(pane, shown.dataset, own);
  // The focus stays where it was: on the same button when others changed the page, on the new message after a tap.
  const same = held === null || own ? null : [...buttons.querySelectorAll("button")].find((one) => one.textContent === held);
  if (same) same.focus({ preventScroll: true });
  else if (held !== null || inside) shown.focus({ preventScroll: true });
  if (own) place(pane, first || shown);
  for (const one of log.querySelectorAll("img")) one.onload = () => own && place(pane, first || shown);
}

// What is being typed stays meant for the place where it was begun, when the conversation goes on in another window.
function seen(pane, { rev, at }, own) {
  for (const one of pane.querySelectorAll("input[name=rev]")) one.value = rev;
  for (const one of pane.querySelectorAll("input[name=at]")) if (own || !one.form.elements.text?.value) one.value = at;
}

// Show the beginning of what is new, and as much of what is above as there is room for.
function place(pane, first) {
  const scroll = pane.querySelector(".scroll");
  const at = first.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop;
  scroll.scrollTop = Math.min(scroll.scrollHeight - scroll.clientHeight, at - 12);
}

// A form that was sent and of which nothing was heard is sent again under the same number: it counts once.
async function sent(pane, form, button) {
  const data = new FormData(form, button);
  data.set("once", fresh());
  const above = pane.querySelectorAll(".said[data-n]");
  data.set("after", above.length ? above[above.length - 1].dataset.n : "0");
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  for (let n = 1; ; n++) {
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Page": "live" } });
      if (answer.status === 401) return location.reload();
      if (answer.status >= 500 && n < TRIES) throw new Error(answer.status);
      const html = await answer.text();
      if (!answer.ok) return tell([...parsed(html).querySelectorAll(".card h2, .card p:first-of-type")].map((one) => one.textContent).join(". ") || trouble.dataset.failed);
      tell("");
      put(pane, html, true);
      return true;
    } catch {
      if (n === TRIES) return tell(trouble.dataset.failed);
      await pause(300 * n * n);
    }
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target, pane = form.closest(".pane");
  if (!pane) return;
  event.preventDefault();
  const person = pane.dataset.person;
  // A second tap on the way is a slip of the finger; what is typed meanwhile waits for its turn.
  if (busy.has(person) && (!form.classList.contains("write") || busy.get(person).form === form)) return;
  while (busy.has(person)) await busy.get(person).done;
  if (form.classList.contains("write") && !form.elements.text.value.trim() && !form.elements.file.files.length) return;
  pane.setAttribute("aria-busy", "true");
  const menu = form.closest("details"), done = sent(pane, form, event.submitter);
  busy.set(person, { form, done });
  const ok = await done;
  busy.delete(person);
  pane.removeAttribute("aria-busy");
  if (waiting.has(person)) put(pane, waiting.get(person), false);
  waiting.delete(person);
  if (ok && form.classList.contains("write")) {
    form.reset();
    form.querySelector(".chosen").textContent = "";
    grow(form.querySelector("textarea"));
  }
  if (menu) {
    menu.open = false;
    if (ok) pane.querySelector(".live").focus({ preventScroll: true });
  }
});

function grow(area) {
  area.rows = Math.min(6, area.value.split("\n").length);
}

document.addEventListener("input", (event) => event.target.matches("textarea") && grow(event.target));
document.addEventListener("change", (event) => {
  if (!event.target.matches("input[type=file]")) return;
  const out = event.target.form.querySelector(".chosen"), file = event.target.files[0];
  out.textContent = file ? `${file.name} – ${out.dataset.chosen}` : "";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const one of document.querySelectorAll("details[open]")) {
    one.open = false;
    one.querySelector("summary").focus();
  }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  for (const one of document.querySelectorAll("details[open]")) if (!one.contains(event.target)) one.open = false;
});

// One stream a page, and none while nobody looks: browsers keep few connections to one place.
let stream = null, again = 0;
function follow() {
  clearTimeout(again);
  if (document.hidden || stream || !panes.size) return;
  const asked = new URLSearchParams([...panes.keys()].map((one) => ["as", one]));
  stream = new EventSource(`/live?${asked}`);
  stream.onopen = () => trouble.textContent === trouble.dataset.offline && tell("");
  stream.onmessage = (event) => {
    const { person, html } = JSON.parse(event.data);
    if (busy.has(person)) waiting.set(person, html);
    else put(panes.get(person), html, false);
  };
  stream.addEventListener("ended", () => location.reload());
  stream.onerror = () => {
    tell(trouble.dataset.offline);
    if (stream.readyState !== EventSource.CLOSED) return;
    stream = null;
    again = setTimeout(follow, 5000);
    gone();
  };
}
// A stream does not say why it is refused. Where the session is over, nothing of the talks stays on the screen.
async function gone() {
  const answer = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  if (answer && answer.status === 401) location.reload();
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden && stream) {
    stream.close();
    stream = null;
  }
  follow();
});
for (const pane of panes.values()) place(pane, pane.querySelector(".live"));
document.documentElement.classList.add("scripted");
follow();
