// What every page's script uses.

// The path below which a proxy publishes the node; empty where there is none.
export const base = document.documentElement.dataset.base ?? "";

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

const dark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

// A setting of this browser; where nothing can be kept, it lives as long as the page.
const kept = new Map();

export const recall = (name) => {
  if (kept.has(name)) return kept.get(name);
  try { return localStorage.getItem(name); } catch { return null; }
};

export const remember = (name, value) => {
  kept.set(name, value);
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // As above.
  }
};

export const copyOf = (template) => document.getElementById(template).content.firstElementChild.cloneNode(true);

export const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

// For screen readers, without a place on the page. A line that is the same again is said again.
export const say = (text) => {
  const place = document.getElementById("said");
  place.textContent = place.textContent === text ? text + "\u00a0" : text;
};

// The button in the header. What the system shows anyway is not kept, so that it follows the system again.
const switchTheme = () => {
  const button = document.getElementById("theme");
  if (!button) return;
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const tell = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    if ((next === "dark") === dark.matches) {
      delete root.dataset.theme;
      remember("theme", null);
    } else {
      root.dataset.theme = next;
      remember("theme", next);
    }
    tell();
  });
  dark.addEventListener("change", tell);
  tell();
};

switchTheme();
