// Counts, languages, faces, sizes and seconds, as small tables whose bars are drawn to one measure each.

import { by, el } from "./dom.js";
import { known, language, number, say, script } from "./say.js";

const kilobytes = (bytes) => `${number(bytes / 1000, { maximumFractionDigits: bytes < 10000 ? 1 : 0 })} kB`;

export function drawFacts(facts) {
  if (!facts) return;
  const { counts, listed } = facts;
  by("beside-facts").replaceChildren(
    el("p", { class: "total" }, number(counts.total)),
    el("p", { class: "soft" }, say("facts.total")),
    el("p", { class: "soft" }, say("facts.reckoning", { ...listed, sum: listed.named + listed.anonymous })),
    chart(say("facts.languages"), facts.languages.map(([tag, count]) => [language(tag), count])),
    chart(say("facts.scripts"), facts.scripts.map(([code, count]) => [script(code), count])),
    plain(say("facts.faces"), unique(facts.faces).map((face) => [manner(face), say("facts.glyphs", { n: face.glyphs }), kilobytes(face.bytes)])),
    plain(say("facts.files"), facts.files.map((file) => [proper(file.name), file.pages ? say("facts.pages", { n: file.pages }) : "", kilobytes(file.bytes)])),
    chart(say("facts.stages"), facts.stages.map(([name, seconds]) => [stage(name), seconds]), (seconds) => number(seconds, { minimumFractionDigits: 2, maximumFractionDigits: 2 })),
  );
}

const proper = (name) => el("span", { translate: "no" }, name);

const stage = (name) => (known(`stage.${name}`) ? say(`stage.${name}`) : el("span", { lang: "en" }, name));

function unique(faces) {
  const seen = new Map(faces.map((face) => [`${face.family} ${face.weight} ${face.style} ${face.bytes}`, face]));
  return [...seen.values()];
}

function manner({ family, weight, style }) {
  const more = [weight === 400 ? "" : ` ${weight}`, style === "italic" ? ` ${say("facts.italic")}` : ""].join("");
  return el("span", {}, proper(family), more);
}

function chart(title, rows, told = number) {
  const most = Math.max(...rows.map(([, count]) => count), 0.001);
  return el(
    "table",
    {},
    el("caption", {}, title),
    el(
      "tbody",
      {},
      ...rows.map(([name, count]) => {
        const bar = el("div", { class: "share" });
        bar.style.width = `${(100 * count) / most}%`;
        return el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "number" }, told(count)), el("td", { class: "chart" }, bar));
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
