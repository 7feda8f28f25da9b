// One side of two: the pages of a version, one below the other, as wide as there is room for.

import { el, exchange } from "./dom.js";
import { language, say } from "./say.js";

const POINT = 96 / 72;

export class Side {
  constructor(name, pair) {
    this.pair = pair;
    this.figures = [];
    this.spots = [];
    this.extents = new Map();
    this.choice = el("select", { onchange: () => pair.choose(this, this.choice.value) });
    this.pane = el("div", { class: "pane", tabindex: "0", role: "region", "data-side": name });
    const label = el("label", { class: "pane-head" }, el("span", { class: "unseen" }, say("parallel.choose")), this.choice);
    this.holder = el("div", { class: "side" }, label, this.pane);
    this.near = new IntersectionObserver((seen) => this.approach(seen), { root: this.pane, rootMargin: "700px" });
    for (const kind of ["pointerenter", "pointerdown", "wheel", "touchstart", "focus", "keydown"]) {
      this.pane.addEventListener(kind, () => pair.lead(this), { passive: true });
    }
    this.pane.addEventListener("scroll", () => requestAnimationFrame(() => pair.follow(this)), { passive: true });
    this.pane.addEventListener("pointerleave", () => pair.mark("", "spot hover"));
  }

  show(sheet, tags) {
    this.sheet = sheet;
    this.pane.setAttribute("aria-label", say("parallel.pane", { language: language(sheet.lang) }));
    if (this.offered !== tags.join()) {
      this.offered = tags.join();
      this.choice.replaceChildren(...tags.map((tag) => el("option", { value: tag }, language(tag))));
    }
    this.choice.value = sheet.lang;
    while (this.figures.length > sheet.pages.length) {
      const { figure, paper } = this.figures.pop();
      this.near.unobserve(paper);
      figure.remove();
    }
    sheet.pages.forEach((page, number) => {
      if (!this.figures[number]) this.add(number);
      const { paper, caption } = this.figures[number];
      paper.dataset.digest = page.digest;
      caption.textContent = say("page.count", { n: number + 1, all: sheet.pages.length });
    });
  }

  add(number) {
    const paper = el("div", { class: "paper" });
    const caption = el("figcaption");
    const figure = el("figure", { class: "page" }, paper, caption);
    paper.addEventListener("click", (event) => {
      const spot = this.at(number, event);
      this.pane.focus({ preventScroll: true });
      if (spot) this.pair.select(spot.key, true);
    });
    paper.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.pair.mark(this.at(number, event)?.key ?? "", "spot hover");
    });
    this.figures[number] = { figure, paper, caption };
    this.pane.append(figure);
    this.near.observe(paper);
  }

  approach(seen) {
    for (const { target, isIntersecting } of seen) {
      target.dataset.near = isIntersecting ? "yes" : "";
      if (isIntersecting) this.draw(target);
    }
  }

  measure() {
    if (!this.sheet) return;
    const padding = parseFloat(getComputedStyle(this.pane).paddingLeft);
    const room = this.pane.clientWidth - 2 * padding;
    const widest = Math.max(...this.sheet.pages.map((page) => page.width));
    this.scale = Math.max(0.2, Math.min(room / (widest * POINT), 1.5));
    this.sheet.pages.forEach((page, number) => {
      const { paper } = this.figures[number];
      paper.style.width = `${page.width * POINT * this.scale}px`;
      paper.style.height = `${page.height * POINT * this.scale}px`;
      if (paper.dataset.near) this.draw(paper);
    });
    this.reckon();
  }

  draw(paper) {
    const number = this.figures.findIndex((one) => one.paper === paper);
    if (number < 0 || !this.scale) return;
    const pixels = Math.min(4000, Math.round(this.sheet.pages[number].width * POINT * this.scale * window.devicePixelRatio));
    exchange(paper, `/page/${paper.dataset.digest}?w=${pixels}`, say("page.alt", { n: number + 1, all: this.figures.length }));
  }

  place(spots) {
    this.spots = spots;
    this.reckon();
  }

  // How far down each paragraph begins and ends; one that goes over a page ends on the next.
  reckon() {
    this.extents = new Map();
    for (const { key, page, box } of this.spots) {
      const paper = this.figures[page]?.paper;
      if (!paper || !key) continue;
      const top = paper.offsetTop + box[1] * paper.offsetHeight;
      const bottom = top + box[3] * paper.offsetHeight;
      const [start, end] = this.extents.get(key) ?? [top, bottom];
      this.extents.set(key, [Math.min(start, top), Math.max(end, bottom)]);
    }
  }

  at(number, event) {
    const frame = this.figures[number].paper.getBoundingClientRect();
    const x = (event.clientX - frame.left) / frame.width;
    const y = (event.clientY - frame.top) / frame.height;
    return this.spots.find(({ page, box: [left, top, width, height] }) => page === number && x > left - 0.02 && x < left + width + 0.02 && y > top - 0.004 && y < top + height + 0.004);
  }

  spot(key) {
    return this.spots.find((one) => one.key === key);
  }

  // One mark of a kind at a time: pointing at something does not take away what was chosen.
  mark(key, kind) {
    const chosen = kind === "spot" ? ".spot:not(.hover)" : ".spot.hover";
    this.pane.querySelectorAll(chosen).forEach((one) => one.remove());
    for (const { page, box } of this.spots.filter((one) => key && one.key === key)) {
      const mark = el("div", { class: kind, "data-key": key });
      ["left", "top", "width", "height"].forEach((side, place) => {
        mark.style[side] = `${box[place] * 100}%`;
      });
      this.figures[page]?.paper.append(mark);
    }
  }

  reveal(key, eye) {
    const [top, bottom] = this.extents.get(key) ?? [];
    if (top === undefined) return;
    const { scrollTop, clientHeight } = this.pane;
    if (top < scrollTop + 12 || bottom > scrollTop + clientHeight - 12) this.pane.scrollTop = top - eye * clientHeight;
  }
}
