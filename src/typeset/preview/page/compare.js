// The proof of now against an earlier one or an edition: what changed in words, then the pages that are not the same.

import { by, el } from "./dom.js";
import { day, known, say, saying } from "./say.js";

const MOST = 400;

export class Compare {
  constructor() {
    this.view = by("view-compare");
    this.against = "";
    this.manner = "beside";
    this.choice = el("select", { id: "against", onchange: () => this.again({ against: this.choice.value }) });
    this.tools = el(
      "div",
      { class: "compare-tools", hidden: true },
      el("label", {}, `${say("compare.against")} `, this.choice),
      el("fieldset", {}, el("legend", {}, say("compare.manner")), this.radio("beside"), this.radio("overlay")),
    );
    this.result = el("div", {}, el("p", { class: "waiting" }, say("compare.reading")));
    this.view.append(this.tools, this.result);
    this.editions = [];
  }

  radio(value) {
    const act = () => this.again({ manner: value });
    return el("label", {}, el("input", { type: "radio", name: "manner", value, checked: value === this.manner, onchange: act }), ` ${say(`compare.${value}`)}`);
  }

  again(change) {
    Object.assign(this, change);
    this.show(this.state, this.lang);
  }

  async show(state, lang) {
    this.state = state;
    this.lang = lang;
    if (this.view.hidden) return;
    if (this.listed !== state.serial) {
      this.listed = state.serial;
      const answer = await fetch("/editions");
      if (!answer.ok) return;
      const { editions, said } = await answer.json();
      Object.assign(this, { editions, said });
      // What was asked for meanwhile asks by itself.
      if (this.state !== state) return;
    }
    this.offer();
    if (!this.against) return this.nothing();
    const wanted = `${this.state.digest} ${this.against} ${this.manner} ${this.lang}`;
    if (this.drawn === wanted || this.asked === wanted) return;
    this.asked = wanted;
    const answer = await fetch(`/compare/${encodeURIComponent(this.against)}`);
    const told = answer.ok || answer.status === 409 ? await answer.json() : undefined;
    // A later question may have been answered sooner.
    if (this.asked !== wanted) return;
    this.asked = "";
    if (!told) return;
    this.drawn = wanted;
    const place = this.view.scrollTop;
    if (told.said) this.result.replaceChildren(el("p", { class: "told", lang: "en" }, told.said));
    else this.result.replaceChildren(this.words(told), ...this.pages(told));
    this.view.scrollTop = place;
  }

  nothing() {
    this.drawn = "";
    this.result.replaceChildren(el("p", { class: "waiting" }, say("compare.nothing")));
    if (this.said) this.result.append(el("p", { class: "soft", lang: "en" }, this.said));
  }

  offer() {
    const own = this.state.comparable.map((name) => [name, say(`compare.${name}`)]);
    const kept = this.editions.map((one) => [one.name, say(one.demonstration ? "compare.demonstration" : "compare.edition", { number: `${one.number}`, date: day(one.deposited) })]);
    const names = [...own, ...kept].map(([name]) => name);
    if (!names.includes(this.against)) this.against = names[0] ?? "";
    this.tools.hidden = !names.length;
    // A list that somebody has open is left alone while it says the same.
    if (this.offered !== names.join()) {
      this.offered = names.join();
      const group = (label, some) => some.length > 0 && el("optgroup", { label }, ...some.map(([value, text]) => el("option", { value }, text)));
      this.choice.replaceChildren(...[group(say("compare.session"), own), group(say("compare.archive"), kept)].filter(Boolean));
    }
    this.choice.value = this.against;
  }

  words(told) {
    const { joined, withdrawn, corrected, renumbered } = told.signatories;
    const named = (one) => el("li", {}, `${one.number}. `, name(one));
    const parts = [];
    const add = (title, items) => {
      if (!items.length) return;
      const drawn = items.slice(0, MOST).map((make) => make());
      if (items.length > MOST) drawn.push(el("li", { class: "soft" }, say("compare.more", { n: items.length - MOST })));
      parts.push(el("h2", {}, title), el("ul", {}, ...drawn));
    };
    const later = (many, draw) => many.map((one) => () => draw(one));
    add(say("compare.joined", { n: joined.length }), later(joined, named));
    add(say("compare.withdrawn", { n: withdrawn.length }), later(withdrawn, named));
    add(say("compare.corrected", { n: corrected.length }), later(corrected, ({ before, after }) => el("li", {}, `${after.number}. `, el("del", {}, name(before)), " ", el("ins", {}, name(after)))));
    add(say("compare.renumbered", { n: renumbered.length }), later(renumbered, ({ before, after }) => el("li", {}, `${before.number} → ${after.number} `, name(after))));
    add(say("compare.counts"), later(told.counts, (one) => el("li", {}, `${word("count", one.name)}: ${one.before ?? "—"} → ${one.after ?? "—"}`)));
    for (const version of told.versions.filter((one) => one.lang === this.lang)) {
      if (version.title.some((piece) => piece.edit !== "kept")) parts.push(el("h2", {}, say("compare.headline")), this.paragraph(version.title));
      if (version.paragraphs.length) parts.push(el("h2", {}, say("compare.text")), ...version.paragraphs.map((one) => this.paragraph(one.text)));
    }
    const changed = (one) => el("li", {}, one.name ? `${word("setting", one.name)}: ` : "", el("bdi", { translate: "no" }, `${one.before ?? "—"} → ${one.after ?? "—"}`));
    add(say("compare.recipients"), later(told.recipients, changed));
    add(say("compare.settings"), later(told.settings, changed));
    add(say("compare.decisions"), later(told.decisions, ({ change, before, after }) => {
      const { code, subject } = after ?? before;
      const english = (text) => el("span", { lang: "en" }, text);
      return el("li", {}, ...saying("compare.decision", { change: word("change", change), code: english(code), subject: english(subject) }));
    }));
    if (!parts.length) parts.push(el("p", {}, say("compare.unchanged")));
    return el("div", { class: "told" }, ...parts);
  }

  paragraph(pieces) {
    const tags = { added: "ins", removed: "del" };
    return el("p", { dir: "auto", lang: this.lang }, ...pieces.map(({ edit, text }) => (tags[edit] ? el(tags[edit], {}, text) : text)));
  }

  pages(told) {
    const sheet = told.sheets.find((one) => one.lang === this.lang);
    if (!sheet) return [];
    const archived = this.against.includes("@");
    const same = sheet.pairs.filter((one) => one.same).length;
    const wide = Math.min(4000, Math.round(Math.min(620, this.view.clientWidth) * window.devicePixelRatio));
    const drawn = [];
    sheet.pairs.forEach(({ before, after, same: equal }, place) => {
      const n = place + 1;
      if (equal || !(before || after)) return;
      if (this.manner === "overlay" && before && after) {
        const was = el("span", { class: "key-red" }, say("compare.key-was"));
        const key = el("figcaption", {}, ...saying("compare.key", { n, was, new: el("span", { class: "key-blue" }, say("compare.key-new")) }));
        drawn.push(el("div", { class: "pair" }, el("figure", {}, key, this.image(`/overlay/${before.digest}/${after.digest}`, after, wide, say("compare.both", { n })))));
        return;
      }
      const sides = [[before, archived ? "was-edition" : "was"], [after, "now"]].filter(([page]) => page);
      drawn.push(
        el("div", { class: "pair" }, ...sides.map(([page, when]) => {
          const title = say(`compare.${when}`, { n });
          return el("figure", {}, el("figcaption", {}, title), this.image(`/page/${page.digest}`, page, wide, title));
        })),
      );
    });
    if (same) drawn.push(el("p", { class: "soft" }, say(archived ? "compare.approved" : "compare.same", { n: same })));
    return drawn;
  }

  image(address, page, pixels, alt) {
    return el("img", { src: `${address}?w=${pixels}`, alt, loading: "lazy", width: Math.round(page.width), height: Math.round(page.height) });
  }
}

const name = (one) => el("bdi", { lang: one.lang, translate: "no" }, one.name);

const word = (kind, said) => (known(`compare.${kind}.${said}`) ? say(`compare.${kind}.${said}`) : said);
