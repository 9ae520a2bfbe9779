// The last minute in four figures.

import { format, milliseconds, percent, text } from "../language.js";

const set = (id, value, more = "") => {
  const [figure, rest] = document.getElementById(id).children;
  if (figure.textContent !== value) figure.textContent = value;
  if (rest.textContent !== more) rest.textContent = more;
};

export const showTiles = (workers, { requests, failures, slow }) => {
  const active = workers.filter(({ state }) => state === "active").length;
  set("tile-active", format(active), text("workers.of", { count: format(workers.length) }));
  set("tile-rate", format(requests / 60, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  set("tile-slow", requests === 0 ? "–" : milliseconds(slow), requests === 0 ? text("workers.norequests") : "");
  set("tile-errors", requests === 0 ? "–" : percent(failures / requests),
    requests === 0 ? "" : text("workers.failedof", { failed: format(failures), count: format(requests) }));
};
