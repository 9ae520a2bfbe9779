// Calls the clients that openapi-typescript and @hey-api/openapi-ts generated: the server's address and a picture.
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { paths } from "./generated/schema.js";
import { classify } from "./generated/hey/index.js";
import { client } from "./generated/hey/client.gen.js";

const [address, file] = process.argv.slice(2) as [string, string];
const image = (await readFile(file)).toString("base64");

const api = createClient<paths>({ baseUrl: address });
const first = await api.POST("/api/classify", { body: { image, top: 3 } });
if (first.error) throw new Error(first.error.detail);
console.log("openapi-typescript", first.data.predictions[0]?.label, first.data.predictions.length);

client.setConfig({ baseUrl: address });
const second = await classify({ body: { image, top: 3 }, throwOnError: true });
console.log("hey-api", second.data.predictions[0]?.label, second.data.predictions.length);
