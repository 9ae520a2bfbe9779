// Answers for other programs: JSON, CSV and files.

const plain = ({ name, time, model, version, worker, milliseconds, answer, predictions, verdict, right }) =>
  ({ name, time: new Date(time).toISOString(), model, version, worker, milliseconds, answer, predictions, verdict, right });

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
  head.push("answer", "answer_probability", "answer_id", "verdict", "right_class");
  const rows = answers.map(plain).map(({ name, time, model, worker, milliseconds, answer, predictions, verdict, right }) => [
    name, time, model, worker, milliseconds,
    ...Array.from({ length: 5 }, (_, rank) => predictions[rank]).flatMap((found) => [found?.label, found?.probability]),
    answer?.label, answer?.probability, answer?.id, verdict, right,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
};

// Where the page has no clipboard (plain HTTP to another machine), the old way. Returns whether it worked.
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

export const downloadBlob = (name, blob) => {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
};

export const download = (name, type, text) => downloadBlob(name, new Blob([text], { type }));
