// Our own small piece of Telegram's telegram-web-app.js, so that no page loads anything from elsewhere.
// What clients hand over, behind the # of the address (core.telegram.org/api/bots/webapps):
//   tgWebAppData         who opened the page, signed; sent to our server once and kept nowhere here
//   tgWebAppThemeParams  the client's colours, kept in sessionStorage for the pages that follow
// What pages tell clients (core.telegram.org/api/web-events), of which we use three: web_app_ready,
// web_app_expand and web_app_request_theme. Phones and desktops: TelegramWebviewProxy.postEvent(name, json);
// older desktops: external.notify(json); the web client, whose frame we are: parent.postMessage(json).
// What clients tell pages: theme_changed, by Telegram.WebView.receiveEvent, or by a message from the web client.
"use strict";

const WEB = "https://web.telegram.org", KEPT = "readiness-theme", ENOUGH = 4.5; // WCAG AA: contrast of text
const handed = new URLSearchParams(location.hash.slice(1));

function tell(name, data = {}) {
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(name, JSON.stringify(data));
  else if (window.external && "notify" in window.external) window.external.notify(JSON.stringify({ eventType: name, eventData: data }));
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType: name, eventData: data }), WEB);
}

function light(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

// The client's colours, wherever they can be read; ours where they cannot.
function dress(theme) {
  const is = (name) => (/^#[0-9a-f]{6}$/i.test(theme[name] || "") ? theme[name] : null);
  const ground = is("bg_color"), ink = is("text_color"), raised = is("secondary_bg_color") || ground;
  const root = document.documentElement;
  if (!ground || !ink || [ground, raised].some((one) => contrast(one, ink) < ENOUGH)) return;
  root.dataset.theme = light(ground) < 0.18 ? "dark" : "light";
  const put = (names, colour) => names.forEach((name) => root.style.setProperty(name, colour));
  const reads = (colour) => colour && [ground, raised].every((one) => contrast(one, colour) >= ENOUGH);
  put(["--said", "--button"], ground);
  put(["--ground", "--raised"], raised);
  put(["--ink"], ink);
  put(["--quiet"], reads(is("hint_color")) ? is("hint_color") : ink);
  put(["--hover"], raised);
  put(["--button-ink"], reads(is("link_color")) ? is("link_color") : ink);
  put(["--wrong"], reads(is("destructive_text_color")) ? is("destructive_text_color") : ink);
  put(["--focus"], ink);
  const fill = is("button_color"), on = is("button_text_color");
  if (fill && on && contrast(fill, on) >= ENOUGH) {
    put(["--mine"], fill);
    put(["--on-mine"], on);
  }
}

function themed(json) {
  try {
    dress(typeof json === "string" ? JSON.parse(json) : json);
    sessionStorage.setItem(KEPT, typeof json === "string" ? json : JSON.stringify(json));
  } catch {
    // A theme that cannot be read or kept is not worn.
  }
}

function heard(name, data) {
  if (name === "theme_changed" && data && data.theme_params) themed(data.theme_params);
}

window.Telegram = { WebView: { receiveEvent: heard } };
window.TelegramGameProxy = { receiveEvent: heard }; // what some clients call it
window.addEventListener("message", (event) => {
  if (event.origin !== WEB || event.source !== window.parent) return;
  try {
    const said = JSON.parse(event.data);
    heard(said.eventType, said.eventData);
  } catch {
    // Not for us.
  }
});

let kept = null;
try {
  kept = sessionStorage.getItem(KEPT);
} catch {
  // Frames may be refused a store.
}
if (handed.get("tgWebAppThemeParams") || kept) themed(handed.get("tgWebAppThemeParams") || kept);
tell("web_app_ready");
tell("web_app_expand");
tell("web_app_request_theme");

async function signIn(page) {
  const init = handed.get("tgWebAppData");
  history.replaceState(null, "", location.pathname + location.search); // it signs in once, and is not to lie about
  const body = new URLSearchParams({ init: init || "", path: page.dataset.path });
  const answer = init ? await fetch("/app/sign-in", { method: "POST", body, credentials: "same-origin" }).catch(() => null) : null;
  if (answer && answer.ok) return location.replace((await answer.json()).to);
  page.querySelector(".opening").hidden = true;
  page.querySelector(".refused").hidden = false;
}

// This file is read before the page is drawn, so that no page shows in other colours first.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("app");
  if (page && !("closed" in page.dataset)) signIn(page);
});
