// The same request as code.

import { classifyPath } from "../upload.js";

const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

// `address` is where a sample is fetched from; without one the file is on the disk. Where programs need a key, the shell
// has it in the variable that `./recognize` reads, too. It goes by a pipe, since others can read curl's command line.
const curl = ({ name, address, keyed, model }, type) => {
  const line = (address ? "curl -s " + quoted(location.origin + address) + " | " : "") +
    "curl --data-binary " + quoted("@" + (address ? "-" : name)) + " -H " + quoted("Content-Type: " + type) + " " +
    (keyed ? "-H @/dev/fd/3 " : "") + quoted(location.origin + classifyPath(model));
  return keyed ? "printf 'X-API-Key: %s' \"$RECOGNIZE_KEY\" | { " + line + "; } 3<&0" : line;
};

// JSON's strings are Python's, too.
const text = JSON.stringify;

const python = ({ name, address, keyed, model }, type) => [
  "import json, " + (keyed ? "os, " : "") + "urllib.request",
  "",
  address
    ? "picture = urllib.request.urlopen(" + text(location.origin + address) + ").read()"
    : "picture = open(" + text(name) + ', "rb").read()',
  "request = urllib.request.Request(",
  "    " + text(location.origin + classifyPath(model)) + ",",
  "    data=picture,",
  '    headers={"Content-Type": ' + text(type) + (keyed ? ', "X-API-Key": os.environ["RECOGNIZE_KEY"]' : "") + "},",
  ")",
  "found = json.load(urllib.request.urlopen(request))",
  'for prediction in found["predictions"]:',
  '    print(f"{prediction[\'probability\']:8.3%}  {prediction[\'label\']}")',
].join("\n");

const javaScript = ({ name, address, keyed, model }, type) => [
  ...(address ? [] : ['import { readFile } from "node:fs/promises";', ""]),
  address
    ? "const picture = await (await fetch(" + text(location.origin + address) + ")).arrayBuffer();"
    : "const picture = await readFile(" + text(name) + ");",
  "const response = await fetch(" + text(location.origin + classifyPath(model)) + ", {",
  '  method: "POST",',
  "  headers: { \"Content-Type\": " + text(type) + (keyed ? ', "X-API-Key": process.env.RECOGNIZE_KEY' : "") + " },",
  "  body: picture,",
  "});",
  "const { predictions } = await response.json();",
  "for (const { label, probability } of predictions) console.log((100 * probability).toFixed(3) + \"%\", label);",
].join("\n");

export const snippets = { curl, python, javascript: javaScript };
