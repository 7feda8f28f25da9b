// Two language versions side by side. Scrolling one brings the other to the same paragraph; the paragraph that is
// pointed at, or stepped to, is marked in both.

import { by } from "./dom.js";
import { Side } from "./side.js";

// Where on the screen the eye is taken to be: paragraphs stand beside each other there.
const EYE = 0.3;

export class Parallel {
  constructor(openSource) {
    this.view = by("view-parallel");
    this.openSource = openSource;
    this.sides = ["one", "other"].map((name) => new Side(name, this));
    this.view.append(...this.sides.map((side) => side.holder));
    this.leader = this.sides[0];
    this.selected = "";
    new ResizeObserver(() => this.measure()).observe(this.view);
    this.keys = { j: () => this.step(1), k: () => this.step(-1), Enter: () => this.open() };
  }

  async show(state, lang) {
    this.state = state;
    if (this.view.hidden || state.sheets.length < 2) return;
    const [one, other] = this.sides;
    const tags = state.sheets.map((sheet) => sheet.lang);
    if (!tags.includes(one.lang)) one.lang = lang;
    if (!tags.includes(other.lang)) other.lang = tags.find((tag) => tag !== one.lang);
    for (const side of this.sides) side.show(state.sheets.find((sheet) => sheet.lang === side.lang), tags);
    this.measure();
    const wanted = `${state.digest} ${one.lang} ${other.lang}`;
    if (this.placed === wanted) return;
    const answer = await fetch(`/parallel/${encodeURIComponent(one.lang)}/${encodeURIComponent(other.lang)}`);
    if (!answer.ok) return;
    const told = await answer.json();
    if (`${told.digest} ${one.lang} ${other.lang}` !== `${this.state.digest} ${one.lang} ${other.lang}`) return;
    this.placed = wanted;
    this.sides.forEach((side, place) => side.place(told.sides[place]));
    this.mark(this.selected, "spot");
    this.follow(this.leader);
  }

  choose(side, lang) {
    const beside = this.other(side);
    // Two sides of one language say nothing: they change places.
    if (beside.lang === lang) beside.lang = side.lang;
    side.lang = lang;
    this.show(this.state, lang);
  }

  other(side) {
    return this.sides[this.sides[0] === side ? 1 : 0];
  }

  measure() {
    if (this.view.hidden || !this.state) return;
    for (const side of this.sides) side.measure();
    this.follow(this.leader);
  }

  lead(side) {
    this.leader = side;
  }

  // Brings the other side to where this one is: between two paragraphs that both have, by parts of the way.
  follow(side) {
    if (side !== this.leader) return;
    const beside = this.other(side);
    const points = this.points(side, beside);
    const eye = side.pane.scrollTop + EYE * side.pane.clientHeight;
    const after = points.findIndex(([here]) => here >= eye);
    const [[start, from], [end, to]] = [points[Math.max(after - 1, 0)], points[Math.max(after, 0)]];
    const there = end > start ? from + ((eye - start) * (to - from)) / (end - start) : to;
    const ends = [side.pane.scrollTop < 2, side.pane.scrollTop > side.pane.scrollHeight - side.pane.clientHeight - 2];
    const [least, most] = [0, beside.pane.scrollHeight - beside.pane.clientHeight];
    beside.pane.scrollTop = ends[0] ? least : ends[1] ? most : there - EYE * beside.pane.clientHeight;
  }

  points(side, beside) {
    const found = [[0, 0]];
    const theirs = beside.extents;
    const ours = [...side.extents].filter(([key]) => theirs.has(key)).flatMap(([key, [top, bottom]]) => [[top, theirs.get(key)[0]], [bottom, theirs.get(key)[1]]]);
    for (const point of [...ours.sort((a, b) => a[0] - b[0]), [side.pane.scrollHeight, beside.pane.scrollHeight]]) {
      // Lists in two columns go up again in the middle: what would lead back is left out.
      if (point[0] > found.at(-1)[0] && point[1] > found.at(-1)[1]) found.push(point);
    }
    return found;
  }

  mark(key, kind) {
    for (const side of this.sides) side.mark(key, kind);
  }

  step(by) {
    const keys = [...this.leader.extents.keys()];
    if (!keys.length) return;
    const place = keys.indexOf(this.selected);
    this.select(keys[Math.max(0, Math.min(place + by, keys.length - 1))], false);
  }

  select(key, open) {
    this.selected = key;
    this.mark(key, "spot");
    this.leader.reveal(key, EYE);
    this.follow(this.leader);
    this.openSource(this.leader.spot(key), open);
  }

  open() {
    const spot = this.leader.spot(this.selected);
    if (spot) this.openSource(spot, true);
  }
}
