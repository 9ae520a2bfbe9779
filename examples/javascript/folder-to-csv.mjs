// Classifies a folder of pictures with Node.js: node folder-to-csv.mjs http://localhost:9999 FOLDER > result.csv
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const [server, folder] = process.argv.slice(2);
const quoted = (text) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
console.log("file,label,probability");
const entries = await readdir(folder, { withFileTypes: true });
const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name).sort();
for (const file of files) {
  const response = await fetch(`${server}/api/classify?top=1`, { method: "POST", body: await readFile(join(folder, file)) });
  // A proxy's page is no JSON.
  const answer = await response.json().catch(() => ({ detail: `${response.status} ${response.statusText}` }));
  if (answer.predictions?.length) {
    const [{ label, probability }] = answer.predictions;
    console.log([file, label, probability].map(String).map(quoted).join(","));
  } else {
    console.error(`${file}: ${answer.detail}`);
  }
}
