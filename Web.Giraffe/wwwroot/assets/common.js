// Holds the path prefix of a reverse proxy, or "".
export const base = document.documentElement.dataset.base ?? "";

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

// Holds the settings if the browser blocks `localStorage`.
const memory = new Map();

export const readSetting = (name) => {
  if (memory.has(name)) return memory.get(name);
  try { return localStorage.getItem(name); } catch { return null; }
};

export const writeSetting = (name, value) => {
  memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // The setting lasts as long as the page.
  }
};

export const cloneTemplate = (template) => document.getElementById(template).content.firstElementChild.cloneNode(true);

export const element = (name, className, text) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

// Sets the text only if it changed: a selection in it stays, and screen readers do not repeat it.
export const setText = (node, value) => { if (node.textContent !== value) node.textContent = value; };

// Announces a message to screen readers. They ignore an unchanged text: a repeated one gets a no-break space.
export const setLiveRegion = (text) => {
  const region = document.getElementById("live-region");
  region.textContent = region.textContent === text ? text + "\u00a0" : text;
};

// Does not store a choice that equals the system's theme, so that the page follows the system again.
const initThemeButton = () => {
  const button = document.getElementById("theme");
  if (!button) return;
  const isDark = () => (root.dataset.theme ?? (systemDark.matches ? "dark" : "light")) === "dark";
  const update = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    if ((next === "dark") === systemDark.matches) {
      delete root.dataset.theme;
      writeSetting("theme", null);
    } else {
      root.dataset.theme = next;
      writeSetting("theme", next);
    }
    update();
  });
  systemDark.addEventListener("change", update);
  update();
};

initThemeButton();
