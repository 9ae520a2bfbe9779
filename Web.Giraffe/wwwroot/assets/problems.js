// What went wrong, in words that say what to do.

import { has, isEnglish, text } from "./language.js";

// What the server says of these is for programs: of headers and settings.
const forPrograms = [401, 429];

// Where the title stands above it, the detail need not say it again: "PDF isn't supported: export the page as PNG."
const below = (title, detail) => {
  if (!detail.startsWith(title + ": ")) return detail;
  const rest = detail.slice(title.length + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};

// The server's own words are English, and say more of the case. The other languages have words for each code and status.
export const problemOf = ({ status, said }) => {
  if (isEnglish && said?.title && said?.detail && !forPrograms.includes(status))
    return { title: said.title, detail: below(said.title, said.detail) };
  const key = [said?.code, String(status)].find((one) => one && has("problem." + one + ".title")) ?? "other";
  return { title: text("problem." + key + ".title", { status }), detail: text("problem." + key + ".detail") };
};
