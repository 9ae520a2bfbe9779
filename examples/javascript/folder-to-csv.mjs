// Classifies a folder of pictures with Node.js: node folder-to-csv.mjs http://localhost:9999 FOLDER > result.csv
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const [server, folder] = process.argv.slice(2);
const quoted = (text) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
console.log("file,label,probability");
for (const file of (await readdir(folder)).sort()) {
  const response = await fetch(`${server}/api/classify?top=1`, { method: "POST", body: await readFile(join(folder, file)) });
  const answer = await response.json();
  if (response.ok) {
    const [{ label, probability }] = answer.predictions;
    console.log([file, label, probability].map(String).map(quoted).join(","));
  } else {
    console.error(`${file}: ${answer.detail}`);
  }
}
