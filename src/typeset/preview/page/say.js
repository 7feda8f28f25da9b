// What the app says, in the language that the server chose; numbers and names are put in where the words want them.

import words, { formats, languages } from "./words.js";

export const locale = document.documentElement.lang;
const plural = new Intl.PluralRules(locale);
const names = new Intl.DisplayNames([locale], { type: "language", fallback: "code" });
const scripts = new Intl.DisplayNames([locale], { type: "script", fallback: "code" });

export const number = (value, options) => value.toLocaleString(formats, options);

// The pieces of a sentence, elements among them.
export function saying(key, values = {}) {
  const text = words[key] ?? words[`${key}.${plural.select(values.n)}`] ?? words[`${key}.other`];
  if (text === undefined) throw new Error(`nothing says ${key}`);
  return text.split(/(\{[a-z]+\})/).map((piece) => {
    if (!piece.startsWith("{")) return piece;
    const value = values[piece.slice(1, -1)];
    return typeof value === "number" ? number(value) : value;
  });
}

export const say = (key, values) => saying(key, values).join("");

export const known = (key) => key in words;

export const day = (moment) => new Date(moment).toLocaleDateString(formats, { dateStyle: "long", timeZone: "UTC" });

export function language(tag) {
  if (tag === "und") return say("facts.not-stated");
  try {
    return names.of(tag);
  } catch {
    return tag;
  }
}

export function script(code) {
  if (code === "Zyyy") return say("facts.no-letters");
  try {
    return scripts.of(code);
  } catch {
    return code;
  }
}

// The choice of another language: asked of the server again, which remembers it.
export function offer(select) {
  const tags = Object.keys(languages);
  select.hidden = tags.length < 2;
  select.replaceChildren(...tags.map((tag) => {
    const option = document.createElement("option");
    option.value = option.lang = tag;
    option.textContent = languages[tag];
    return option;
  }));
  select.value = locale;
  select.addEventListener("change", () => {
    document.cookie = `typeset-language=${select.value}; path=/; max-age=31536000; SameSite=Strict`;
    location.reload();
  });
}
