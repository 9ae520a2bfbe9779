// Shows the results as a table with one row per picture.

import { element } from "../common.js";
import { messages } from "./messages.js";

const stateTexts = { waiting: messages.waiting, busy: messages.analysing, paused: messages.waiting };

const statusText = (job) => (job.summary ? job.summary.name ?? job.summary.head : job.problem ? job.problem.title : stateTexts[job.state]);

export const fillTable = (body, jobs, onOpen) => body.replaceChildren(...jobs.map((job) => {
  const row = element("tr");
  row.dataset.state = job.state;
  const name = element("button", "link", job.card.name);
  name.type = "button";
  name.addEventListener("click", () => onOpen(job));
  const header = element("th");
  header.scope = "row";
  header.append(name);
  const [first] = job.result?.predictions ?? [];
  row.append(
    header,
    element("td", "answer-of", statusText(job)),
    element("td", "share", job.summary?.confidence ?? ""),
    element("td", "first-of", first?.label ?? ""),
    element("td", "model-of", job.card.titleOf(job.result?.model ?? "")),
  );
  return row;
}));
