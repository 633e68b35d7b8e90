// What an editor asks of yaml-language-server, and what it must answer: see .ci/editor.
// Usage: node editor.mjs SERVER FILE, where FILE is what `brownout new` writes.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [server, file] = process.argv.slice(2);
const uri = pathToFileURL(file).href;
const text = readFileSync(file, "utf8");

// A message is a header with its length, an empty line, and JSON.
const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map();
let told = [];
let onTold = () => {};
let buffer = Buffer.alloc(0);
let last = 0;

function send(message) {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function ask(method, params) {
  const id = ++last;
  send({ id, method, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function take(message) {
  if (message.method && message.id !== undefined) {
    // The server asks for settings, or to be told of files: it gets nothing in particular.
    const items = message.params?.items;
    send({ id: message.id, result: items ? items.map(() => null) : null });
  } else if (message.id !== undefined) {
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    message.error ? reject(new Error(message.error.message)) : resolve(message.result);
  } else if (message.method === "textDocument/publishDiagnostics") {
    told.push(message.params);
    onTold();
  }
}

child.stdout.on("data", (bytes) => {
  buffer = Buffer.concat([buffer, bytes]);
  for (;;) {
    const end = buffer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (buffer.length < end + 4 + length) return;
    const body = buffer.subarray(end + 4, end + 4 + length).toString();
    buffer = buffer.subarray(end + 4 + length);
    take(JSON.parse(body));
  }
});

// Where a piece of text begins, as a line and a column; `after` of its characters further on.
function place(of, piece, after = 0) {
  const at = of.indexOf(piece);
  if (at < 0) throw new Error(`no ${JSON.stringify(piece)} in the file`);
  const before = of.slice(0, at + after).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
}

let version = 0;
// Shows the server another text of the file and waits for what it has to say of it.
async function show(content) {
  told = [];
  version += 1;
  if (version === 1) {
    send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version, text: content } } });
  } else {
    send({ method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges: [{ text: content }] } });
  }
  const isOurs = (one) => one.uri === uri && (one.version ?? version) === version;
  while (!told.some(isOurs)) await new Promise((resolve) => (onTold = resolve));
  return told.findLast(isOurs).diagnostics;
}

async function hover(content, piece) {
  const found = await ask("textDocument/hover", { textDocument: { uri }, position: place(content, piece, 1) });
  const contents = found?.contents ?? "";
  const shown = typeof contents === "string" ? contents : (contents.value ?? JSON.stringify(contents));
  // Marks of Markdown in a plain text come escaped.
  return shown.replaceAll("\\", "");
}

async function complete(content, piece) {
  const position = place(content, piece, piece.length);
  const found = await ask("textDocument/completion", { textDocument: { uri }, position });
  return (found.items ?? found).map((item) => item.label);
}

let failed = 0;
function check(what, is, shown) {
  console.log(`${is ? "ok  " : "FAIL"} ${what}${is && !process.env.SHOW ? "" : `\n     ${JSON.stringify(shown)}`}`);
  if (!is) failed += 1;
}

const has = (whole, ...words) => words.every((word) => whole.includes(word));
const limit = setTimeout(() => {
  console.error("FAIL the server has not answered for a minute");
  child.kill();
  process.exit(1);
}, 60_000);

await ask("initialize", {
  processId: process.pid,
  rootUri: null,
  capabilities: { textDocument: { hover: { contentFormat: ["markdown"] }, completion: { completionItem: { snippetSupport: true } } } },
});
send({ method: "initialized", params: {} });

const first = await show(text);
check("what `new` writes has no diagnostic", first.length === 0, first);

for (const [piece, ...words] of [
  ["concurrency: 16", "Workers of each instance"],
  ["service_time: {", "without queueing", "exponential 20ms", "p99: 80ms"],
  ["answer_needs: [", "before the client may be answered"],
  ["patience: 5s", "How long a client waits", "250ms", "Default: `none`"],
  ["timeout: 1s", "ttempt"],
  ["kind: queue", "topic", "log"],
  ["down: refuse", "hang"],
  ["drain: 5m", "after the window", "250ms"],
]) {
  const shown = await hover(text, piece);
  check(`hover on \`${piece}\` explains it`, has(shown, ...words), shown);
}

const misspelt = text.replace("concurrency: 16", "concurency: 16");
const missed = await show(misspelt);
const { line } = place(misspelt, "concurency");
check("a misspelt key is told, on its line", missed.some((one) => one.range.start.line === line && one.message.includes("concurency")), missed);

const unit = text.replace("patience: 5s", "patience: 5");
const bare = await show(unit);
check("a number without a unit is told", bare.some((one) => one.range.start.line === place(unit, "patience: 5").line && one.message.includes("unit")), bare);

const word = text.replace("down: refuse", "down: refused");
const other = await show(word);
check("a word that there is not is told", other.some((one) => one.message.includes("hang")), other);

const open = text.replace("    concurrency: 16", "    \n    concurrency: 16");
await show(open);
const keys = await complete(open, "    replicas: 2                 # instances [1]\n    ");
check("keys of a service are completed", has(keys, "errors", "balance", "rate_limit") && !keys.includes("replicas"), keys);

const value = text.replace(/kind: queue .*/, "kind: ");
await show(value);
const words = await complete(value, "    kind: ");
check("words of a key are completed", has(words, "queue", "topic", "log"), words);

clearTimeout(limit);
child.kill();
process.exit(failed === 0 ? 0 : 1);
