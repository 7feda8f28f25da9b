// What there is to say, by weight, each with its line of source.

import { by, el } from "./dom.js";

const WEIGHTS = { error: ["error", "errors"], warning: ["warning", "warnings"], note: ["note", "notes"] };

export function count(weight, number) {
  return `${number} ${WEIGHTS[weight][number === 1 ? 0 : 1]}`;
}

export function drawFindings(findings, chosen) {
  const holder = by("beside-findings");
  const place = holder.scrollTop;
  const open = findings.filter((one) => !one.decided);
  const decided = findings.filter((one) => one.decided);
  const unfolded = holder.querySelector("details")?.open ?? false;
  const parts = [];
  for (const weight of Object.keys(WEIGHTS)) {
    const some = open.filter((one) => one.severity === weight);
    if (some.length) parts.push(el("h2", { class: weight }, count(weight, some.length)), list(some, chosen));
  }
  if (!open.length) parts.push(el("p", { class: "clean" }, "Nothing stands open."));
  if (decided.length) {
    const title = `${decided.length} decided`;
    parts.push(el("details", { open: unfolded }, el("summary", {}, title), list(decided, chosen)));
  }
  holder.replaceChildren(...parts);
  holder.scrollTop = place;
  const worst = Object.keys(WEIGHTS).find((weight) => open.some((one) => one.severity === weight));
  by("tally").textContent = open.length ? `${open.length}` : "";
  by("tally").dataset.weight = worst ?? "";
}

function list(findings, chosen) {
  return el("ul", { class: "findings" }, ...findings.map((one) => el("li", {}, button(one, chosen))));
}

function button(one, chosen) {
  const spot = one.file ? one.file + (one.line ? `:${one.line}` : "") + (one.line && one.column ? `:${one.column}` : "") : "";
  const [before, marked, after] = one.source ?? [];
  const made = el(
    "button",
    { class: "finding" },
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
