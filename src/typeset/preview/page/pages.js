// The true pages: images by digest, as wide as the screen shows them, with the spots that lead back to the sources.

import { by, el, exchange } from "./dom.js";
import { say } from "./say.js";

const POINT = 96 / 72;
// Of a list of hundreds of pages, only those near the eye keep their images.
const MANY = 60;
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4];

export class Pages {
  constructor(openSource) {
    this.view = by("view-pages");
    this.thumbs = by("thumbs").querySelector("ol");
    this.openSource = openSource;
    this.figures = [];
    this.spots = [];
    this.zoom = "fit";
    this.twoUp = false;
    this.selected = -1;
    this.near = new IntersectionObserver((seen) => this.approach(seen), { root: this.view, rootMargin: "900px" });
    this.nearThumbs = new IntersectionObserver((seen) => this.approach(seen), { root: by("thumbs"), rootMargin: "600px" });
    new ResizeObserver(() => this.measure()).observe(this.view);
    window.visualViewport?.addEventListener("resize", () => this.drawLater());
    this.view.addEventListener("scroll", () => requestAnimationFrame(() => this.here()), { passive: true });
  }

  show(sheet, stale) {
    this.sheet = sheet;
    this.view.classList.toggle("stale", stale);
    this.view.querySelector(".waiting")?.remove();
    while (this.figures.length > sheet.pages.length) this.drop();
    sheet.pages.forEach((page, number) => {
      if (!this.figures[number]) this.add(number);
      const { paper, caption, thumb, thumbPaper } = this.figures[number];
      paper.dataset.digest = thumbPaper.dataset.digest = page.digest;
      const n = number + 1;
      caption.replaceChildren(say("page.count", { n, all: sheet.pages.length }), page.changed ? el("b", {}, ` · ${say("page.changed")}`) : "");
      thumb.classList.toggle("changed", page.changed);
      thumb.setAttribute("aria-label", say(page.changed ? "page.label-changed" : "page.label", { n }));
    });
    this.measure();
    this.here();
  }

  add(number) {
    const paper = el("div", { class: "paper" });
    const caption = el("figcaption");
    const figure = el("figure", { class: "page" }, paper, caption);
    paper.addEventListener("click", (event) => this.pick(number, event));
    paper.addEventListener("pointermove", (event) => this.hover(number, event));
    paper.addEventListener("pointerleave", () => paper.querySelector(".hover")?.remove());
    const thumbPaper = el("span", { class: "blank" });
    const thumb = el("button", { onclick: () => this.go(number) }, thumbPaper, el("span", {}, `${number + 1}`), el("span", { class: "sign" }, say("page.changed")));
    const item = el("li", {}, thumb);
    this.figures[number] = { figure, paper, caption, thumb, thumbPaper, item };
    this.view.append(figure);
    this.thumbs.append(item);
    this.near.observe(paper);
    this.nearThumbs.observe(thumbPaper);
  }

  drop() {
    const { figure, paper, thumbPaper, item } = this.figures.pop();
    this.near.unobserve(paper);
    this.nearThumbs.unobserve(thumbPaper);
    figure.remove();
    item.remove();
  }

  approach(seen) {
    for (const { target, isIntersecting } of seen) {
      target.dataset.near = isIntersecting ? "yes" : "";
      if (isIntersecting) this.draw(target);
      else if (this.figures.length > MANY) forget(target);
    }
  }

  measure() {
    if (!this.sheet || this.view.hidden) return;
    const across = this.view.clientWidth - 2 * parseFloat(getComputedStyle(this.view).paddingLeft);
    const widest = Math.max(...this.sheet.pages.map((page) => page.width));
    const room = this.twoUp ? (across - 14) / 2 : across;
    this.scale = this.zoom === "fit" ? Math.max(0.2, Math.min(room / (widest * POINT), this.twoUp ? 2 : 1.5)) : this.zoom;
    by("zoom-now").textContent = `${Math.round(this.scale * 100)} %`;
    // The place in the document, not the number of pixels above it, is what stays when the size changes.
    const whole = this.view.scrollHeight;
    const place = whole && this.height ? this.view.scrollTop / whole : 0;
    this.sheet.pages.forEach((page, number) => {
      const { paper, thumbPaper } = this.figures[number];
      paper.style.width = `${page.width * POINT * this.scale}px`;
      paper.style.height = `${page.height * POINT * this.scale}px`;
      thumbPaper.style.height = `${(66 * page.height) / page.width}px`;
      thumbPaper.style.overflow = "hidden";
    });
    if (this.height && this.height !== this.scale) this.view.scrollTop = place * this.view.scrollHeight;
    this.height = this.scale;
    this.drawLater();
  }

  drawLater() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.drawAll(), this.drawn ? 90 : 0);
    this.drawn = true;
  }

  drawAll() {
    for (const { paper, thumbPaper } of this.figures) {
      if (paper.dataset.near) this.draw(paper);
      if (thumbPaper.dataset.near) this.draw(thumbPaper);
    }
  }

  draw(paper) {
    const number = this.figures.findIndex((one) => one.paper === paper || one.thumbPaper === paper);
    if (number < 0 || !paper.dataset.digest) return;
    const small = paper.classList.contains("blank");
    const css = small ? 66 : this.sheet.pages[number].width * POINT * this.scale;
    // Fingers enlarge the view without telling the ratio.
    const pinched = window.visualViewport?.scale ?? 1;
    const pixels = Math.min(4000, Math.round(css * window.devicePixelRatio * (small ? 1 : pinched)));
    const alt = small ? "" : say("page.alt", { n: number + 1, all: this.sheet.pages.length });
    exchange(paper, `/page/${paper.dataset.digest}?w=${pixels}`, alt);
  }

  place(spots) {
    this.spots = spots;
    this.selected = -1;
    for (const { paper } of this.figures) paper.querySelectorAll(".changebar, .spot").forEach((one) => one.remove());
    for (const spot of spots.filter((one) => one.changed && this.figures[one.page])) {
      const bar = el("div", { class: "changebar" });
      const column = spot.box[0] > 0.5 ? spot.box[0] - 0.03 : Math.min(spot.box[0] - 0.03, 0.09);
      bar.style.left = `${column * 100}%`;
      bar.style.top = `${spot.box[1] * 100}%`;
      bar.style.height = `${spot.box[3] * 100}%`;
      this.figures[spot.page].paper.append(bar);
    }
  }

  at(number, event) {
    const { paper } = this.figures[number];
    const frame = paper.getBoundingClientRect();
    const x = (event.clientX - frame.left) / frame.width;
    const y = (event.clientY - frame.top) / frame.height;
    return this.spots.findIndex(
      ({ page, box: [left, top, width, height] }) =>
        page === number && x > left - 0.02 && x < left + width + 0.02 && y > top - 0.004 && y < top + height + 0.004,
    );
  }

  hover(number, event) {
    const found = this.at(number, event);
    const { paper } = this.figures[number];
    paper.querySelector(".hover")?.remove();
    if (found >= 0 && event.pointerType === "mouse") paper.append(this.outline(this.spots[found], "spot hover"));
  }

  pick(number, event) {
    const found = this.at(number, event);
    this.view.focus({ preventScroll: true });
    if (found >= 0) this.select(found, true);
  }

  step(by) {
    if (!this.spots.length) return;
    let next = this.selected + by;
    if (this.selected < 0) next = Math.max(0, this.spots.findIndex((spot) => spot.page === this.current));
    this.select(Math.max(0, Math.min(next, this.spots.length - 1)), false);
  }

  select(index, open, kind = "spot") {
    this.view.querySelectorAll(".spot").forEach((one) => one.remove());
    const spot = this.spots[index];
    this.selected = index;
    const mark = this.outline(spot, kind);
    this.figures[spot.page].paper.append(mark);
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.openSource(spot, open);
  }

  openSelected() {
    if (this.selected >= 0) this.openSource(this.spots[this.selected], true);
  }

  // Where something that a finding is about stands on the page; nothing where it is not printed.
  find({ subject, file, line }) {
    let index = this.spots.findIndex((spot) => spot.subject === subject && !subject.startsWith("body"));
    if (index < 0 && line) index = this.spots.findIndex((spot) => spot.file === file && spot.line === line);
    if (index < 0) return;
    this.view.querySelectorAll(".spot").forEach((one) => one.remove());
    const mark = this.outline(this.spots[index], "spot found");
    this.selected = index;
    this.figures[this.spots[index].page].paper.append(mark);
    mark.scrollIntoView({ block: "center", inline: "nearest" });
  }

  outline({ box: [left, top, width, height] }, kind) {
    const mark = el("div", { class: kind });
    Object.assign(mark.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
    return mark;
  }

  here() {
    if (!this.figures.length) return;
    const middle = this.view.getBoundingClientRect().top + this.view.clientHeight / 3;
    let now = this.figures.findIndex(({ figure }) => figure.getBoundingClientRect().bottom > middle);
    if (now < 0) now = this.figures.length - 1;
    if (now === this.current && this.figures[now].thumb.hasAttribute("aria-current")) return;
    this.current = now;
    this.figures.forEach(({ thumb }, number) => {
      if (number === now) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
    this.figures[now].item.scrollIntoView({ block: "nearest" });
  }

  go(number) {
    const wanted = Math.max(0, Math.min(number, this.figures.length - 1));
    const top = this.figures[wanted]?.figure.getBoundingClientRect().top - this.view.getBoundingClientRect().top;
    this.view.scrollTop += top - 12;
    this.here();
  }

  turn(by) {
    this.go(this.current + by * (this.twoUp ? 2 : 1));
  }

  size(by) {
    if (by === 0) this.zoom = "fit";
    else if (by > 0) this.zoom = STEPS.find((step) => step > this.scale + 0.01) ?? STEPS.at(-1);
    else this.zoom = STEPS.findLast((step) => step < this.scale - 0.01) ?? STEPS[0];
    this.measure();
  }

  pair(on) {
    this.twoUp = on;
    this.measure();
  }
}

function forget(paper) {
  paper.querySelector("img")?.remove();
  delete paper.dataset.address;
}
