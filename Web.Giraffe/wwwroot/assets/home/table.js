// The cards as a table: a row for each picture.

import { element } from "../common.js";
import { words } from "./words.js";

const states = { waiting: words.waiting, busy: words.analysing, paused: words.waiting };

const stateOf = (job) => (job.told ? job.told.name ?? job.told.head : job.problem ? job.problem.title : states[job.state]);

export const fillTable = (body, jobs, open) => body.replaceChildren(...jobs.map((job) => {
  const row = element("tr");
  row.dataset.state = job.state;
  const name = element("button", "link", job.card.name);
  name.type = "button";
  name.addEventListener("click", () => open(job));
  const head = element("th");
  head.scope = "row";
  head.append(name);
  const [first] = job.found?.predictions ?? [];
  row.append(
    head,
    element("td", "answer-of", stateOf(job)),
    element("td", "share", job.told?.sure ?? ""),
    element("td", "first-of", first?.label ?? ""),
    element("td", "model-of", job.card.titleOf(job.found?.model ?? "")),
  );
  return row;
}));
