// Generates code for a request.

import { classifyPath } from "../upload.js";

const shellQuote = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

// Fetches a sample from its `address`; reads other pictures from a file. The key passes through a pipe, because other users
// can read curl's command line.
const curl = ({ name, address, keyed, model }, type) => {
  const line = (address ? "curl -s " + shellQuote(location.origin + address) + " | " : "") +
    "curl --data-binary " + shellQuote("@" + (address ? "-" : name)) + " -H " + shellQuote("Content-Type: " + type) + " " +
    (keyed ? "-H @/dev/fd/3 " : "") + shellQuote(location.origin + classifyPath(model));
  return keyed ? "printf 'X-API-Key: %s' \"$RECOGNIZE_KEY\" | { " + line + "; } 3<&0" : line;
};

// JSON strings are valid in JavaScript and Python.
const literal = JSON.stringify;

const python = ({ name, address, keyed, model }, type) => [
  "import json, " + (keyed ? "os, " : "") + "urllib.request",
  "",
  address
    ? "picture = urllib.request.urlopen(" + literal(location.origin + address) + ").read()"
    : "picture = open(" + literal(name) + ', "rb").read()',
  "request = urllib.request.Request(",
  "    " + literal(location.origin + classifyPath(model)) + ",",
  "    data=picture,",
  '    headers={"Content-Type": ' + literal(type) + (keyed ? ', "X-API-Key": os.environ["RECOGNIZE_KEY"]' : "") + "},",
  ")",
  "found = json.load(urllib.request.urlopen(request))",
  'for prediction in found["predictions"]:',
  '    print(f"{prediction[\'probability\']:8.3%}  {prediction[\'label\']}")',
].join("\n");

const javaScript = ({ name, address, keyed, model }, type) => [
  ...(address ? [] : ['import { readFile } from "node:fs/promises";', ""]),
  address
    ? "const picture = await (await fetch(" + literal(location.origin + address) + ")).arrayBuffer();"
    : "const picture = await readFile(" + literal(name) + ");",
  "const response = await fetch(" + literal(location.origin + classifyPath(model)) + ", {",
  '  method: "POST",',
  "  headers: { \"Content-Type\": " + literal(type) + (keyed ? ', "X-API-Key": process.env.RECOGNIZE_KEY' : "") + " },",
  "  body: picture,",
  "});",
  "const { predictions } = await response.json();",
  "for (const { label, probability } of predictions) console.log((100 * probability).toFixed(3) + \"%\", label);",
].join("\n");

export const snippets = { curl, python, javascript: javaScript };
