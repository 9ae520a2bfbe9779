// Exports results as JSON and CSV, copies text, and saves files.

const exported = ({ name, time, model, version, worker, milliseconds, answer, predictions, verdict, right }) =>
  ({ name, time: new Date(time).toISOString(), model, version, worker, milliseconds, answer, predictions, verdict, right });

export const asJson = (results) => JSON.stringify(results.map(exported), null, 2);

// An apostrophe keeps spreadsheets from running a value as a formula.
const csvCell = (value) => {
  const text = String(value ?? "");
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
};

export const asCsv = (results) => {
  const header = ["name", "time", "model", "worker", "milliseconds"];
  for (let rank = 1; rank <= 5; rank++) header.push("label" + rank, "probability" + rank);
  header.push("answer", "answer_probability", "answer_id", "verdict", "right_class");
  const rows = results.map(exported).map(({ name, time, model, worker, milliseconds, answer, predictions, verdict, right }) => [
    name, time, model, worker, milliseconds,
    ...Array.from({ length: 5 }, (_, rank) => predictions[rank]).flatMap((prediction) => [prediction?.label, prediction?.probability]),
    answer?.label, answer?.probability, answer?.id, verdict, right,
  ]);
  return [header, ...rows].map((row) => row.map(csvCell).join(",") + "\r\n").join("");
};

// Resolves with whether the text was copied. Plain HTTP has no Clipboard API: falls back to `execCommand`.
export const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const textarea = document.createElement("textarea");
    textarea.value = text;
    textarea.className = "unseen";
    document.body.append(textarea);
    textarea.select();
    try { return document.execCommand("copy"); } finally { textarea.remove(); }
  }
};

export const downloadBlob = (name, blob) => {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download needs the URL until it starts.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
};

export const download = (name, type, text) => downloadBlob(name, new Blob([text], { type }));
