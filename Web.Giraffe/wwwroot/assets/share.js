// Answers for other programs: JSON, CSV, and the same question by curl.

import { classifyPath } from "./upload.js";

const plain = ({ name, time, model, version, worker, milliseconds, predictions }) =>
  ({ name, time: new Date(time).toISOString(), model, version, worker, milliseconds, predictions });

export const asJson = (answers) => JSON.stringify(answers.map(plain), null, 2);

// A spreadsheet takes what begins like this for a formula.
const cell = (value) => {
  const text = String(value ?? "");
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
};

export const asCsv = (answers) => {
  const head = ["name", "time", "model", "worker", "milliseconds"];
  for (let rank = 1; rank <= 5; rank++) head.push("label" + rank, "probability" + rank);
  const rows = answers.map(plain).map(({ predictions, version, ...rest }) => [
    ...Object.values(rest),
    ...predictions.slice(0, 5).flatMap(({ label, probability }) => [label, probability]),
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
};

const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

// `address` is where a sample is fetched from; without one the file is on the disk. Where programs need a key, the shell
// has it in the variable that `./recognize` reads, too. It goes by a pipe, since others can read curl's command line.
export const asCurl = ({ name, address, keyed, model }, type) => {
  const line = (address ? "curl -s " + quoted(location.origin + address) + " | " : "") +
    "curl --data-binary " + quoted("@" + (address ? "-" : name)) + " -H " + quoted("Content-Type: " + type) + " " +
    (keyed ? "-H @/dev/fd/3 " : "") + quoted(location.origin + classifyPath(model));
  return keyed ? "printf 'X-API-Key: %s' \"$RECOGNIZE_KEY\" | { " + line + "; } 3<&0" : line;
};

// Where the page has no clipboard (plain HTTP to another machine), the old way; whether it went well.
export const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const place = document.createElement("textarea");
    place.value = text;
    place.className = "unseen";
    document.body.append(place);
    place.select();
    try { return document.execCommand("copy"); } finally { place.remove(); }
  }
};

export const download = (name, type, text) => {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
};
