// Shows four key figures of the last minute.

import { setText } from "../common.js";
import { format, formatMilliseconds, percent, text } from "../language.js";

const setTile = (id, value, note = "") => {
  const [figure, caption] = document.getElementById(id).children;
  setText(figure, value);
  setText(caption, note);
};

export const showTiles = (workers, { requests, failures, slow }) => {
  const active = workers.filter(({ state }) => state === "active").length;
  setTile("tile-active", format(active), text("workers.of", { count: format(workers.length) }));
  setTile("tile-rate", format(requests / 60, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  setTile("tile-slow", requests === 0 ? "–" : formatMilliseconds(slow), requests === 0 ? text("workers.norequests") : "");
  setTile("tile-errors", requests === 0 ? "–" : percent(failures / requests),
    requests === 0 ? "" : text("workers.failedof", { failed: format(failures), count: format(requests) }));
};
