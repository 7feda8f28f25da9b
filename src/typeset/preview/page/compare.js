// The proof of now against an earlier one: what changed in words, then the pages that are not the same.

import { by, el } from "./dom.js";

const KNOWN = { before: "the last save", opened: "when the preview was opened" };

export class Compare {
  constructor() {
    this.view = by("view-compare");
    this.against = "before";
    this.manner = "beside";
  }

  async show(state, lang) {
    this.state = state;
    this.lang = lang;
    if (this.view.hidden) return;
    if (!state.comparable.length) {
      this.view.replaceChildren(el("p", { class: "waiting" }, "Nothing to compare with yet: save a change."));
      this.drawn = "";
      return;
    }
    if (!state.comparable.includes(this.against)) this.against = state.comparable[0];
    const wanted = `${state.digest} ${this.against} ${this.manner} ${lang}`;
    if (this.drawn === wanted || this.asked === wanted) return;
    this.asked = wanted;
    const answer = await fetch(`/compare/${this.against}`);
    const told = answer.ok ? await answer.json() : undefined;
    // A later question may have been answered sooner.
    if (this.asked !== wanted) return;
    this.asked = "";
    if (!told) return;
    this.drawn = wanted;
    const place = this.view.scrollTop;
    this.view.replaceChildren(this.tools(), this.words(told), ...this.pages(told));
    this.view.scrollTop = place;
  }

  tools() {
    const radio = (group, value, text, chosen, act) =>
      el("label", {}, el("input", { type: "radio", name: group, value, checked: chosen, onchange: act }), ` ${text}`);
    const again = (change) => {
      Object.assign(this, change);
      this.show(this.state, this.lang).then(() => this.view.querySelector(`[value="${Object.values(change)[0]}"]`)?.focus());
    };
    return el(
      "div",
      { class: "compare-tools" },
      el(
        "fieldset",
        {},
        el("legend", {}, "Against"),
        ...this.state.comparable.map((name) => radio("against", name, KNOWN[name], name === this.against, () => again({ against: name }))),
      ),
      el(
        "fieldset",
        {},
        el("legend", {}, "Pages"),
        radio("manner", "beside", "side by side", this.manner === "beside", () => again({ manner: "beside" })),
        radio("manner", "overlay", "on each other", this.manner === "overlay", () => again({ manner: "overlay" })),
      ),
    );
  }

  words(told) {
    const { joined, withdrawn, corrected, renumbered } = told.signatories;
    const named = (one) => el("li", {}, `${one.number}. `, el("bdi", { lang: one.lang }, one.name));
    const parts = [];
    const add = (title, items) => items.length && parts.push(el("h2", {}, title), el("ul", {}, ...items));
    add(`${joined.length} joined`, joined.map(named));
    add(`${withdrawn.length} withdrawn`, withdrawn.map(named));
    add(
      `${corrected.length} corrected`,
      corrected.map(({ before, after }) =>
        el("li", {}, `${after.number}. `, el("del", {}, el("bdi", { lang: before.lang }, before.name)), " ", el("ins", {}, el("bdi", { lang: after.lang }, after.name))),
      ),
    );
    add(`${renumbered.length} with another number`, renumbered.map(({ before, after }) => el("li", {}, `${before.number} → ${after.number} ${after.name}`)));
    add("Counts", told.counts.map((one) => el("li", {}, `${one.name}: ${one.before ?? "—"} → ${one.after ?? "—"}`)));
    for (const version of told.versions.filter((one) => one.lang === this.lang)) {
      const title = version.title.some((piece) => piece.edit !== "same" && piece.edit !== "equal" && piece.edit !== "kept");
      if (title) parts.push(el("h2", {}, "Title"), this.paragraph(version.title));
      if (version.paragraphs.length) parts.push(el("h2", {}, "Text"), ...version.paragraphs.map((one) => this.paragraph(one.text)));
    }
    for (const [title, some] of [["Recipients", told.recipients], ["Settings", told.settings]]) {
      add(title, some.map((one) => el("li", {}, `${one.name} ${one.before ?? "—"} → ${one.after ?? "—"}`)));
    }
    add("Decisions", told.decisions.map((one) => el("li", {}, `${one.change}: ${(one.after ?? one.before).code}, ${(one.after ?? one.before).subject}`)));
    if (!parts.length) parts.push(el("p", {}, "The words are the same."));
    return el("div", { class: "told" }, ...parts);
  }

  paragraph(pieces) {
    const tags = { added: "ins", removed: "del" };
    return el("p", { dir: "auto" }, ...pieces.map(({ edit, text }) => (tags[edit] ? el(tags[edit], {}, text) : text)));
  }

  pages(told) {
    const sheet = told.sheets.find((one) => one.lang === this.lang);
    if (!sheet) return [];
    const same = sheet.pairs.filter((one) => one.same).length;
    const wide = (share) => Math.min(4000, Math.round(Math.min(share, this.view.clientWidth) * window.devicePixelRatio));
    const drawn = [];
    sheet.pairs.forEach(({ before, after, same: equal }, number) => {
      if (equal) return;
      if (this.manner === "overlay" && before && after) {
        const key = el("figcaption", {}, `Page ${number + 1}: `, el("span", { class: "key-red" }, "red was there"), ", ", el("span", { class: "key-blue" }, "blue-green is new"));
        drawn.push(el("div", { class: "pair" }, el("figure", {}, key, this.image(`/overlay/${before.digest}/${after.digest}`, after, wide(620), `Page ${number + 1}, both states on each other`))));
        return;
      }
      drawn.push(
        el(
          "div",
          { class: "pair" },
          ...[[before, "before"], [after, "now"]].filter(([page]) => page).map(([page, when]) =>
            el("figure", {}, el("figcaption", {}, `Page ${number + 1}, ${when}`), this.image(`/page/${page.digest}`, page, wide(620), `Page ${number + 1}, ${when}`)),
          ),
        ),
      );
    });
    if (same) drawn.push(el("p", { class: "soft" }, `${same} ${same === 1 ? "page is" : "pages are"} the same.`));
    return drawn;
  }

  image(address, page, pixels, alt) {
    return el("img", { src: `${address}?w=${pixels}`, alt, loading: "lazy", width: Math.round(page.width), height: Math.round(page.height) });
  }
}
