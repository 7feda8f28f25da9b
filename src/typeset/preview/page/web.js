// The HTML edition in frames as wide as a phone and a desktop. A frame is exchanged when its successor has loaded.

import { by, el } from "./dom.js";

const FRAMES = [
  ["Phone, 390 pixels", 390, 780],
  ["Desktop, 1280 pixels", 1280, 900],
];

export class Web {
  constructor() {
    this.view = by("view-web");
    this.windows = FRAMES.map(([name, width, height]) => {
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
      window.dataset.address = address;
      const frame = el("iframe", { sandbox: "", title: `${sheet.title}: ${name}`, width, height });
      frame.addEventListener("load", () => [...window.children].slice(0, -1).forEach((old) => old.remove()), { once: true });
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
