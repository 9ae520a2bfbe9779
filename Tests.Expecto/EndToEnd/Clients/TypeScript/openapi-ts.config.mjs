// The packages are behind a link, so the generator would look for the compiler's options beside them.
export default { input: "v1.json", output: { path: "generated/hey", module: { extension: ".js" } } };
