// The app: what the server tells, drawn; what the keyboard and the pointer ask, done.

import { Compare } from "./compare.js";
import { by, el, tabs } from "./dom.js";
import { drawFacts, language } from "./facts.js";
import { count, drawFindings } from "./findings.js";
import { Pages } from "./pages.js";
import { Web } from "./web.js";

const narrow = window.matchMedia("(max-width: 1180px)");
const pages = new Pages(source);
const web = new Web();
const compare = new Compare();
let state;
let lang = sessionStorage.getItem("language") ?? "";
let placed = "";

const view = tabs(document.querySelector(".bar .views"), () => {
  document.querySelector(".room").classList.toggle("unthumbed", by("view-pages").hidden);
  for (const id of ["zoom-in", "zoom-out", "zoom-fit", "two-up"]) by(id).disabled = by("view-pages").hidden;
  draw();
  pages.measure();
});
tabs(document.querySelector("aside .views"));

function sheet() {
  return state?.sheets.find((one) => one.lang === lang) ?? state?.sheets[0];
}

function draw() {
  if (!state) return;
  const shown = sheet();
  drawFindings(state.findings, chosen);
  drawFacts(state.facts);
  said();
  if (!shown) {
    const waiting = document.querySelector("#view-pages .waiting");
    if (waiting) waiting.textContent = state.setting ? "The pages are being set …" : "There are no pages yet: an error stands.";
    return;
  }
  lang = shown.lang;
  by("title").textContent = shown.title;
  by("title").lang = shown.lang;
  document.title = `Draft · ${shown.title}`;
  versions();
  const download = by("download");
  download.href = `/pdf/${encodeURIComponent(lang)}`;
  download.setAttribute("aria-label", `Download the draft PDF, ${Math.round(shown.bytes / 1000)} kB`);
  download.hidden = false;
  pages.show(shown, state.stale);
  web.show(shown);
  compare.show(state, lang);
  spots();
}

function versions() {
  const select = by("language");
  const tags = state.sheets.map((one) => one.lang);
  by("language-choice").hidden = tags.length < 2;
  if ([...select.options].map((one) => one.value).join() !== tags.join()) {
    select.replaceChildren(...tags.map((tag) => el("option", { value: tag }, language(tag))));
  }
  select.value = lang;
}

async function spots() {
  const wanted = `${state.digest} ${lang}`;
  if (placed === wanted) return;
  const answer = await fetch(`/spots/${encodeURIComponent(lang)}`);
  if (!answer.ok) return;
  const told = await answer.json();
  if (`${told.digest} ${lang}` !== `${state.digest} ${lang}`) return;
  placed = wanted;
  pages.place(told.spots);
}

function said() {
  const errors = state.findings.filter((one) => !one.decided && one.severity === "error");
  const notice = by("notice");
  notice.hidden = !(state.stale && state.sheets.length);
  if (!notice.hidden) {
    const why = state.gone ? errors[0].fact : `${count("error", errors.length)} to mend: ${errors[0]?.fact ?? ""}`;
    notice.textContent = `These pages are from before: ${why}`;
  }
  const seconds = state.facts?.stages.reduce((sum, [, spent]) => sum + spent, 0);
  const changed = sheet()?.pages.flatMap((page, number) => (page.changed ? [number + 1] : [])) ?? [];
  let text = "Setting …";
  if (!state.setting) {
    text = state.stale ? "Cannot be set as it is" : `Set in ${seconds?.toFixed(2)} s`;
    if (!state.stale && changed.length) text += `; changed: page ${changed.join(", ")}`;
  }
  if (by("status").textContent !== text) by("status").textContent = text;
}

function chosen(finding) {
  if (!by("view-pages").hidden) pages.find(finding);
  if (finding.file) source({ ...finding, text: finding.source?.join("") ?? finding.fact }, true);
}

async function source({ file, line, column, text }, open) {
  const strip = by("strip");
  const spot = `${file}${line ? `:${line}` : ""}`;
  strip.hidden = false;
  strip.replaceChildren(el("span", { class: "place" }, spot), el("bdi", { class: "text" }, text));
  by("status").textContent = spot;
  if (!open) return;
  const body = JSON.stringify({ file, line: line ?? 0, column: column ?? 0 });
  try {
    const answer = await fetch("/open", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { said } = await answer.json();
    strip.append(el("span", { class: "said" }, said || "opened in the editor"));
  } catch {
    strip.append(el("span", { class: "said" }, "typeset does not answer"));
  }
}

function beside(open) {
  by("beside").setAttribute("aria-expanded", open);
  document.querySelector(".room").classList.toggle("alone", !open);
}

function listen() {
  const events = new EventSource("/events");
  events.onmessage = (event) => {
    state = JSON.parse(event.data);
    document.body.dataset.serial = state.serial;
    document.body.dataset.digest = state.digest;
    draw();
  };
  events.onerror = () => {
    by("status").textContent = "No connection to typeset; trying again";
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

by("language").addEventListener("change", (event) => {
  lang = event.target.value;
  sessionStorage.setItem("language", lang);
  placed = "";
  draw();
});
by("zoom-in").addEventListener("click", () => pages.size(1));
by("zoom-out").addEventListener("click", () => pages.size(-1));
by("zoom-fit").addEventListener("click", () => pages.size(0));
by("two-up").addEventListener("click", twoUp);
by("beside").addEventListener("click", () => beside(by("beside").getAttribute("aria-expanded") !== "true"));

function twoUp() {
  pages.pair(!pages.twoUp);
  by("two-up").setAttribute("aria-pressed", pages.twoUp);
}

const KEYS = {
  n: () => pages.turn(1),
  p: () => pages.turn(-1),
  PageDown: () => pages.turn(1),
  PageUp: () => pages.turn(-1),
  "+": () => pages.size(1),
  "=": () => pages.size(1),
  "-": () => pages.size(-1),
  0: () => pages.size(0),
  2: twoUp,
  j: () => pages.step(1),
  k: () => pages.step(-1),
  Enter: () => pages.openSelected(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // Letters are commands only where nothing is typed or pressed: on the pages themselves, or nowhere in particular.
  const free = event.target === document.body || event.target === by("view-pages");
  if (event.key === "Escape" && narrow.matches) beside(false);
  if (!free) return;
  if (event.key === "f") {
    const open = by("beside").getAttribute("aria-expanded") !== "true";
    beside(open);
    event.preventDefault();
    return;
  }
  const act = by("view-pages").hidden ? undefined : KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

const barred = () => document.documentElement.style.setProperty("--bar", `${document.querySelector(".bar").offsetHeight}px`);
new ResizeObserver(barred).observe(document.querySelector(".bar"));
narrow.addEventListener("change", () => beside(!narrow.matches));
beside(!narrow.matches);
view("pages");
listen();
