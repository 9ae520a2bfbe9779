"use strict";

// Applies the theme before the first paint, to avoid a flash.
{
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // `localStorage` is blocked.
  }
}
