// Counts, languages, faces, sizes and seconds, as small tables whose bars are drawn to one measure each.

import { by, el } from "./dom.js";

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const scriptNames = new Intl.DisplayNames(["en"], { type: "script", fallback: "code" });
const kilobytes = (bytes) => `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: bytes < 10000 ? 1 : 0 })} kB`;

export function language(tag) {
  if (tag === "und") return "not stated";
  try {
    return names.of(tag);
  } catch {
    return tag;
  }
}

function script(code) {
  if (code === "Zyyy") return "no letters";
  try {
    return scriptNames.of(code);
  } catch {
    return code;
  }
}

export function drawFacts(facts) {
  if (!facts) return;
  const { counts, policy } = facts;
  by("beside-facts").replaceChildren(
    el("p", { class: "total" }, counts.total.toLocaleString("en")),
    el("p", { class: "soft" }, `printed as the total; the list says ${facts.reckoning}`),
    el("h2", {}, "Sign-off"),
    el("p", { class: "soft" }, signOff(policy, facts.edition)),
    chart("Languages of the names", facts.languages.map(([tag, number]) => [language(tag), number])),
    chart("Scripts of the names", facts.scripts.map(([code, number]) => [script(code), number])),
    plain("Faces in the PDF", unique(facts.faces).map((face) => [manner(face), `${face.glyphs} glyphs`, kilobytes(face.bytes)])),
    plain("Files", facts.files.map((file) => [file.name, file.pages ? `${file.pages} pages` : "", kilobytes(file.bytes)])),
    chart("Seconds by stage", facts.stages, (number) => number.toFixed(2)),
  );
}

function signOff(policy, edition) {
  if (!policy) return "The letter does not say who has to approve it.";
  const asked = `Edition ${edition} asks for ${policy.threshold} ${policy.threshold === 1 ? "person" : "people"}`;
  return `${asked}${policy.required.length ? `, among them ${policy.required.join(", ")}` : ""}. typeset status says who has approved.`;
}

function unique(faces) {
  const seen = new Map(faces.map((face) => [`${face.family} ${face.weight} ${face.style} ${face.bytes}`, face]));
  return [...seen.values()];
}

function manner({ family, weight, style }) {
  return [family, weight === 400 ? "" : weight, style === "normal" ? "" : style].filter(Boolean).join(" ");
}

function chart(title, rows, told = (number) => number.toLocaleString("en")) {
  const most = Math.max(...rows.map(([, number]) => number), 0.001);
  return el(
    "table",
    {},
    el("caption", {}, title),
    el(
      "tbody",
      {},
      ...rows.map(([name, number]) => {
        const bar = el("div", { class: "share" });
        bar.style.width = `${(100 * number) / most}%`;
        return el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "number" }, told(number)), el("td", { class: "chart" }, bar));
      }),
    ),
  );
}

function plain(title, rows) {
  return el(
    "table",
    {},
    el("caption", {}, title),
    el("tbody", {}, ...rows.map(([name, ...rest]) => el("tr", {}, el("th", { scope: "row" }, name), ...rest.map((one) => el("td", { class: "number" }, one))))),
  );
}
