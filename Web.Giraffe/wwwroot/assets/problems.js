// What went wrong, in words that say what to do.

import { has, isEnglish, text } from "./language.js";

// What the server says of these is for programs: of headers and settings.
const forPrograms = [401, 429];

// The server's own words are English, and say more of the case. The other languages have words for each code and status.
export const problemOf = ({ status, said }) => {
  if (isEnglish && said?.title && said?.detail && !forPrograms.includes(status)) return { title: said.title, detail: said.detail };
  const key = [said?.code, String(status)].find((one) => one && has("problem." + one + ".title")) ?? "other";
  return { title: text("problem." + key + ".title", { status }), detail: text("problem." + key + ".detail") };
};
