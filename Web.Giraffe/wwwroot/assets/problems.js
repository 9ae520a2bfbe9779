// Converts error responses to texts.

import { hasText, isEnglish, text } from "./language.js";

// Lists the statuses whose details are for developers.
const developerStatuses = [401, 429];

// Shortens "PDF isn't supported: export the page as PNG."
const withoutTitle = (title, detail) => {
  if (!detail.startsWith(title + ": ")) return detail;
  const rest = detail.slice(title.length + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};

// The server's texts are more specific, but English.
export const problemOf = ({ status, body }) => {
  if (isEnglish && body?.title && body?.detail && !developerStatuses.includes(status))
    return { title: body.title, detail: withoutTitle(body.title, body.detail) };
  const key = [body?.code, String(status)].find((candidate) => candidate && hasText("problem." + candidate + ".title")) ?? "other";
  return { title: text("problem." + key + ".title", { status }), detail: text("problem." + key + ".detail") };
};
