// The HTML edition in frames as wide as a phone and a desktop. A frame is exchanged when its successor has loaded, and
// scrolled to where the one before it was. Nothing can run in it.

import { by, el } from "./dom.js";
import { say } from "./say.js";

const FRAMES = [
  ["phone", 390, 780],
  ["desktop", 1280, 900],
];

export class Web {
  constructor() {
    this.view = by("view-web");
    this.windows = FRAMES.map(([key, width, height]) => {
      const name = say(`web.${key}`);
      const window = el("div", { class: "window" });
      this.view.append(el("figure", { class: "frame" }, el("figcaption", {}, name), window));
      return { name, width, height, window };
    });
    new ResizeObserver(() => this.fit()).observe(this.view);
  }

  show(sheet) {
    this.sheet = sheet;
    if (this.view.hidden) return;
    const address = `/web/${encodeURIComponent(sheet.lang)}/${sheet.web}`;
    for (const { name, width, height, window } of this.windows) {
      if (window.dataset.address === address) continue;
      const same = window.dataset.lang === sheet.lang;
      Object.assign(window.dataset, { address, lang: sheet.lang });
      const title = say("web.frame", { title: sheet.title, name });
      const frame = el("iframe", { sandbox: "allow-same-origin", title, width, height, tabindex: "0" });
      frame.addEventListener("load", () => succeed(window, frame, same), { once: true });
      frame.src = address;
      window.append(frame);
    }
    this.fit();
  }

  fit() {
    if (this.view.hidden || !this.view.clientWidth) return;
    const padding = parseFloat(getComputedStyle(this.view).paddingLeft);
    const across = this.view.clientWidth - 2 * padding;
    const below = this.view.clientHeight - 2 * padding - 26;
    const narrow = across < 760;
    for (const { width, height, window } of this.windows) {
      const room = narrow ? across : width === 390 ? 390 : across - 390 - 26;
      const scale = Math.min(1, room / width);
      const tall = narrow ? height : Math.max(height, below / scale);
      window.style.width = `${width * scale}px`;
      window.style.height = `${tall * scale}px`;
      for (const frame of window.children) {
        frame.style.transform = `scale(${scale})`;
        frame.style.height = `${tall}px`;
      }
    }
  }
}

function succeed(window, frame, same) {
  const frames = [...window.children];
  const place = frames.indexOf(frame);
  // One that came later has loaded sooner and has taken this one's place.
  if (place < 0) return;
  const shown = frames[0].contentWindow;
  if (same && place > 0) frame.contentWindow.scrollTo({ left: shown.scrollX, top: shown.scrollY, behavior: "instant" });
  for (const old of frames.slice(0, place)) old.remove();
}
