// The app: what the server tells, drawn; what the keyboard and the pointer ask, done.

import { Compare } from "./compare.js";
import { by, el, tabs } from "./dom.js";
import { drawFacts } from "./facts.js";
import { drawFindings } from "./findings.js";
import { listen } from "./listening.js";
import { Pages } from "./pages.js";
import { Parallel } from "./parallel.js";
import { language, number, offer, say, saying } from "./say.js";
import { Standing } from "./standing.js";
import { Web } from "./web.js";

const narrow = window.matchMedia("(max-width: 1180px)");
const pages = new Pages(source);
const web = new Web();
const parallel = new Parallel(source);
const compare = new Compare();
const standing = new Standing();
let state;
let lang = sessionStorage.getItem("language") ?? "";
let placed = "";

const view = tabs(document.querySelector(".bar .views"), (name) => {
  sessionStorage.setItem("view", name);
  document.querySelector(".room").classList.toggle("unthumbed", name !== "pages");
  for (const one of document.querySelectorAll(".zoom, #two-up")) one.hidden = name !== "pages";
  by("strip").hidden = true;
  by("keys").replaceChildren(...saying(`foot.${["pages", "parallel"].includes(name) ? name : "elsewhere"}`, keys()));
  draw();
  pages.measure();
});
tabs(document.querySelector("aside .views"), () => standing.show(state));

function keys() {
  const caps = { n: "n", p: "p", plus: "+", minus: "−", zero: "0", two: "2", j: "j", k: "k", enter: "Enter", f: "f" };
  return Object.fromEntries(Object.entries(caps).map(([name, cap]) => [name, el("kbd", { translate: "no" }, cap)]));
}

function sheet() {
  return state?.sheets.find((one) => one.lang === lang) ?? state?.sheets[0];
}

function draw() {
  if (!state) return;
  const shown = sheet();
  drawFindings(state.findings, chosen);
  drawFacts(state.facts);
  standing.show(state);
  said();
  if (!shown) {
    const waiting = document.querySelector("#view-pages .waiting");
    if (waiting) waiting.textContent = say(state.setting ? "said.waiting" : "said.none-yet");
    return;
  }
  lang = shown.lang;
  by("title").textContent = shown.title;
  by("title").lang = shown.lang;
  document.title = say("bar.title", { title: shown.title });
  versions();
  const download = by("download");
  download.href = `/pdf/${encodeURIComponent(lang)}`;
  download.setAttribute("aria-label", say("bar.download", { n: Math.round(shown.bytes / 1000) }));
  download.hidden = false;
  pages.show(shown, state.stale);
  web.show(shown);
  parallel.show(state, lang);
  compare.show(state, lang);
  spots();
}

function versions() {
  const select = by("language");
  const tags = state.sheets.map((one) => one.lang);
  by("language-choice").hidden = tags.length < 2 || !by("view-parallel").hidden;
  by("tab-parallel").hidden = tags.length < 2;
  if (tags.length < 2 && !by("view-parallel").hidden) view("pages");
  if ([...select.options].map((one) => one.value).join() !== tags.join()) {
    select.replaceChildren(...tags.map((tag) => el("option", { value: tag }, language(tag))));
  }
  select.value = lang;
}

async function spots() {
  const wanted = `${state.digest} ${lang}`;
  if (placed === wanted || by("view-pages").hidden) return;
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
    const count = say("said.to-mend", { errors: say("findings.error", { n: errors.length }) });
    const why = el("span", { lang: "en" }, errors[0]?.fact ?? "");
    notice.replaceChildren(say("said.before"), " ", ...(state.gone ? [] : [count, " "]), why);
  }
  const seconds = state.facts?.stages.reduce((sum, [, spent]) => sum + spent, 0) ?? 0;
  const changed = sheet()?.pages.flatMap((page, place) => (page.changed ? [place + 1] : [])) ?? [];
  const told = [say("said.setting")];
  if (!state.setting) {
    told[0] = state.stale ? say("said.unset") : say("said.set", { seconds: number(seconds, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) });
    if (!state.stale && changed.length) told.push(say("said.changed", { pages: runs(changed) }));
  }
  const text = told.join(" · ");
  if (by("status").textContent !== text) by("status").textContent = text;
}

// Pages in runs: 1, 3–17.
function runs(numbers) {
  const found = [];
  for (const one of numbers) {
    const last = found.at(-1);
    if (last && last[1] === one - 1) last[1] = one;
    else found.push([one, one]);
  }
  return found.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
}

function chosen(finding) {
  if (!by("view-pages").hidden) pages.find(finding);
  if (finding.file) source({ ...finding, text: finding.source?.join("") ?? finding.fact }, true);
}

async function source({ file, line, column, text }, open) {
  const strip = by("strip");
  const spot = `${file}${line ? `:${line}` : ""}`;
  strip.hidden = false;
  strip.replaceChildren(el("span", { class: "place", translate: "no" }, spot), el("bdi", { class: "text", translate: "no" }, text));
  by("status").textContent = spot;
  if (!open) return;
  const body = JSON.stringify({ file, line: line ?? 0, column: column ?? 0 });
  try {
    const answer = await fetch("/open", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { said: problem } = await answer.json();
    strip.append(problem ? el("span", { class: "said", lang: "en" }, problem) : el("span", { class: "said" }, say("said.opened")));
  } catch {
    strip.append(el("span", { class: "said" }, say("said.unanswered")));
  }
}

function beside(open) {
  by("beside").setAttribute("aria-expanded", open);
  document.querySelector(".room").classList.toggle("alone", !open);
  standing.show(state);
}

const besideOpen = () => by("beside").getAttribute("aria-expanded") === "true";

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
by("beside").addEventListener("click", () => beside(!besideOpen()));

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
  const free = event.target === document.body || event.target.matches(".view, .pane");
  if (event.key === "Escape" && narrow.matches) beside(false);
  if (!free) return;
  let act = event.key === "f" ? () => beside(!besideOpen()) : undefined;
  if (!by("view-pages").hidden) act ??= KEYS[event.key];
  if (!by("view-parallel").hidden) act ??= parallel.keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

offer(by("words"));

const barred = () => document.documentElement.style.setProperty("--bar", `${document.querySelector(".bar").offsetHeight}px`);
new ResizeObserver(barred).observe(document.querySelector(".bar"));
narrow.addEventListener("change", () => beside(!narrow.matches));
beside(!narrow.matches);
view(sessionStorage.getItem("view") ?? "pages");

listen(
  (told) => {
    state = told;
    document.body.dataset.serial = state.serial;
    document.body.dataset.digest = state.digest;
    draw();
  },
  (why) => {
    by("status").textContent = say(why);
  },
);
