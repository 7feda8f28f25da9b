// Elements out of values. Text is only ever text: nothing here reads markup.

export function el(tag, given = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter((one) => one !== undefined && one !== null && one !== false));
  return made;
}

export const by = (id) => document.getElementById(id);

export function tabs(list, chosen) {
  const all = [...list.querySelectorAll('[role="tab"]')];
  const choose = (tab, focus) => {
    for (const one of all) {
      const on = one === tab;
      one.setAttribute("aria-selected", on);
      one.tabIndex = on ? 0 : -1;
      by(one.getAttribute("aria-controls")).hidden = !on;
    }
    if (focus) tab.focus();
    chosen?.(tab.id.replace("tab-", ""));
  };
  for (const [place, tab] of all.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      let next = place;
      do next = (next + step + all.length) % all.length;
      while (all[next].hidden);
      choose(all[next], true);
    });
  }
  return (name) => choose(by(`tab-${name}`));
}

// An image that replaces another once it is decoded: the old one stays until then, so nothing flickers.
export async function exchange(holder, address, alt) {
  if (holder.dataset.address === address) return;
  holder.dataset.address = address;
  const next = new Image();
  next.alt = alt;
  next.src = address;
  try {
    await next.decode();
  } catch {
    if (holder.dataset.address === address) delete holder.dataset.address;
    return;
  }
  if (holder.dataset.address !== address) return;
  const old = holder.querySelector("img");
  if (old) old.replaceWith(next);
  else holder.prepend(next);
}
