// Who has approved the pages that are shown, who is awaited, and what no longer counts. Asked for only where it is seen.

import { by, el } from "./dom.js";
import { day, locale, number, say, saying } from "./say.js";

const CHANGES = 12;

export class Standing {
  constructor() {
    this.holder = by("beside-standing");
    this.holder.append(el("p", { class: "clean" }, say("standing.reading")));
  }

  // The pages come first: nothing is asked while they are being set.
  async show(state) {
    if (!state?.digest || state.setting || this.holder.hidden || !this.holder.offsetParent) return;
    const wanted = state.serial;
    if (this.asked === wanted) return;
    this.asked = wanted;
    const answer = await fetch("/standing").catch(() => undefined);
    if (this.asked !== wanted) return;
    if (!answer?.ok) {
      this.asked = undefined;
      return;
    }
    const told = await answer.json();
    const place = this.holder.scrollTop;
    this.holder.replaceChildren(...drawn(told, state.stale));
    this.holder.scrollTop = place;
  }
}

function drawn(told, stale) {
  if (told.said) return [el("p", { class: "clean" }, say("standing.unreadable")), el("p", { class: "soft", lang: "en" }, told.said)];
  if (!told.policy) return [el("p", { class: "clean" }, say("standing.no-policy"))];
  const { threshold, required, people, met, given, edition, manifest, strays } = told;
  const roles = required.length > 0 && el("span", { translate: "no" }, required.map(title).join(", "));
  return [
    el("p", { class: `verdict ${met ? "met" : "open"}` }, say(met ? "standing.met" : "standing.open")),
    el("p", { class: "soft" }, `${say("standing.edition", { n: edition })} · ${say("standing.given", { n: given })}`),
    stale && el("p", { class: "soft" }, say("standing.stale")),
    el("h2", {}, say("standing.people")),
    el("ul", { class: "people" }, ...people.flatMap((person) => person.roles.map((role) => one(person, role)))),
    el("p", { class: "soft asked" }, say("standing.asked", { n: threshold, all: number(people.length) }), ...(roles ? [" · ", ...saying("standing.required", { roles })] : [])),
    strays.length > 0 && el("h2", {}, say("standing.strays")),
    strays.length > 0 && el("ul", { class: "people" }, ...strays.map((stray) => el("li", {}, el("span", { class: "place" }, stray.file), el("span", { class: "hint", lang: "en" }, stray.why)))),
    el("h2", {}, say("standing.manifest")),
    el("p", { class: "place digest", translate: "no" }, ...manifest.match(/.{8}/g).flatMap((part) => [part, " "])),
    el("p", { class: "soft" }, say(met ? "standing.publish" : "standing.approve")),
  ].filter(Boolean);
}

const title = ({ role, titles }) => titles[locale] ?? role;

function one(person, role) {
  const state = role.state === "open" ? (role.awaited ? "awaited" : "may") : role.state;
  const { when, demonstration, why, changes } = role;
  const more = [when && say("standing.when", { date: day(when) }), demonstration && say("standing.demonstration")].filter(Boolean).join(" · ");
  return el(
    "li",
    { "data-state": state },
    el("span", { class: "state" }, say(`standing.${state}`)),
    el("span", { class: "who" }, el("bdi", { lang: person.lang || null, translate: "no" }, person.name), " ", el("span", { class: "role", translate: "no" }, title(role))),
    more && el("span", { class: "hint" }, more),
    why && !changes.length && el("span", { class: "hint", lang: "en" }, why),
    changes.length > 0 && el("span", { class: "hint" }, say("standing.since")),
    changes.length > 0 && el("ul", { class: "changes", lang: "en" }, ...changes.slice(0, CHANGES).map((change) => el("li", {}, change)), changes.length > CHANGES && el("li", {}, `… ${changes.length - CHANGES}`)),
  );
}
