// What there is to say, by weight, each with its line of source. Findings are said in English, whatever the app speaks.

import { by, el } from "./dom.js";
import { say } from "./say.js";

const WEIGHTS = ["error", "warning", "note"];
const MOST = 300;
const shownOf = {};

export function drawFindings(findings, chosen) {
  const holder = by("beside-findings");
  const place = holder.scrollTop;
  const open = findings.filter((one) => !one.decided);
  const decided = findings.filter((one) => one.decided);
  const unfolded = holder.querySelector("details")?.open ?? false;
  const again = () => drawFindings(findings, chosen);
  const parts = [];
  for (const weight of WEIGHTS) {
    const some = open.filter((one) => one.severity === weight);
    if (some.length) parts.push(el("h2", { class: weight }, say(`findings.${weight}`, { n: some.length })), ...list(weight, some, chosen, again));
  }
  if (!open.length) parts.push(el("p", { class: "clean" }, say("findings.clean")));
  if (decided.length) {
    const title = say("findings.decided", { n: decided.length });
    parts.push(el("details", { open: unfolded }, el("summary", {}, title), ...list("decided", decided, chosen, again)));
  }
  holder.replaceChildren(...parts);
  holder.scrollTop = place;
  const worst = WEIGHTS.find((weight) => open.some((one) => one.severity === weight));
  by("tally").textContent = open.length ? `${open.length}` : "";
  by("tally").dataset.weight = worst ?? "";
}

// A list of thousands has thousands of doubts, and a browser that draws them all stands still.
function list(weight, findings, chosen, again) {
  const most = shownOf[weight] ?? MOST;
  const drawn = el("ul", { class: "findings" }, ...findings.slice(0, most).map((one) => el("li", {}, button(one, chosen))));
  if (findings.length <= most) return [drawn];
  const more = () => {
    shownOf[weight] = most + MOST;
    again();
  };
  return [drawn, el("button", { class: "more", onclick: more }, say("findings.more", { n: Math.min(MOST, findings.length - most) }))];
}

function button(one, chosen) {
  const spot = one.file ? one.file + (one.line ? `:${one.line}` : "") + (one.line && one.column ? `:${one.column}` : "") : "";
  const [before, marked, after] = one.source ?? [];
  const made = el(
    "button",
    { class: "finding", lang: "en" },
    el("span", { class: "fact", dir: "auto" }, one.fact),
    one.source && el("span", { class: "source", dir: "auto" }, before, marked ? el("mark", {}, marked) : "", after),
    one.hint && el("span", { class: "hint", dir: "auto" }, one.hint),
    el("span", { class: "place" }, [spot, one.code].filter(Boolean).join("  ")),
  );
  made.addEventListener("click", () => {
    document.querySelector(".finding.selected")?.classList.remove("selected");
    made.classList.add("selected");
    chosen(one);
  });
  return made;
}
