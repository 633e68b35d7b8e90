// What a browser makes of every report.html, and what a reader may ask of it: see .ci/browser.
// Usage: node browser.mjs CHROMIUM REPORT..., where a REPORT is SCENARIO/latest/report.html; SHOTS names a folder for pictures.
// Chromium is spoken to over a pipe in its DevTools protocol, so that nothing has to be installed besides it.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, ...reports] = process.argv.slice(2);
const shots = process.env.SHOTS;
const PAGE_BYTES = 300_000;
const SCRIPT_BYTES = 15_000;
// The smallest text of a chart on a screen, which scrolls where it is too narrow.
const TEXT_PX = 7;
// A page of A4 without its margins.
const PAPER = { width: 718, height: 1040 };
// Faults told of one layout.
const FAULTS_MAX = 10;
const WIDTHS = [1280, 800, 390];
const MEDIA = { light: ["", "light"], dark: ["", "dark"], print: ["print", "light"] };
// What a strict host of uploaded files sends.
const POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";

// ---- The browser -------------------------------------------------------------------------------------------------------------

const profile = mkdtempSync(join(tmpdir(), "browser-"));
const child = spawn(
  chromium,
  [
    "--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "--no-sandbox", "--no-first-run", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "about:blank",
  ],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
);
const waiting = new Map();
const listeners = new Map();
let last = 0;
let buffer = "";
process.on("exit", () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
child.on("error", (error) => give(`Chromium does not start: ${error.message}`));
child.on("exit", (code) => waiting.size && give(`Chromium has ended: ${code}`));
child.stdio[4].setEncoding("utf8").on("data", (text) => {
  // A message is JSON and a zero.
  const messages = (buffer + text).split("\0");
  buffer = messages.pop();
  for (const message of messages.map((one) => JSON.parse(one))) {
    if (message.id === undefined) {
      listeners.get(message.sessionId)?.(message.method, message.params);
    } else {
      const { resolve, reject, method } = waiting.get(message.id);
      waiting.delete(message.id);
      message.error ? reject(new Error(`${method}: ${message.error.message}`)) : resolve(message.result);
    }
  }
});

function ask(method, params = {}, sessionId = undefined) {
  const id = ++last;
  child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject, method }));
}

function give(reason) {
  console.error(`FAIL ${reason}`);
  child.kill();
  process.exit(1);
}

// A tab: what it asked of the network and what it complained of is kept.
async function open() {
  const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
  const tab = { requests: [], complaints: [], loaded: () => {} };
  tab.ask = (method, params) => ask(method, params, sessionId);
  tab.close = () => ask("Target.closeTarget", { targetId });
  listeners.set(sessionId, (method, params) => {
    if (method === "Network.requestWillBeSent") tab.requests.push(params.request.url);
    if (method === "Log.entryAdded" && params.entry.level === "error") tab.complaints.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") tab.complaints.push(JSON.stringify(params.args));
    if (method === "Runtime.exceptionThrown") tab.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Page.loadEventFired") tab.loaded();
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab.ask(`${domain}.enable`);
  await tab.ask("Emulation.setFocusEmulationEnabled", { enabled: true });
  tab.go = async (url) => {
    const loaded = new Promise((resolve) => (tab.loaded = resolve));
    const { errorText } = await tab.ask("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  };
  // Calls a function of this file inside the page, beside the functions that it needs.
  tab.call = async (what, ...values) => {
    const expression = `(() => { ${HELPERS.map(String).join("\n")}; return (${what})(${values.map((one) => JSON.stringify(one)).join(", ")}); })()`;
    const { result, exceptionDetails } = await tab.ask("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  tab.media = (name) => {
    const [media, scheme] = MEDIA[name];
    return tab.ask("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  };
  tab.width = (width, height = 900) => tab.ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  tab.mouse = (type, { x, y }, more = {}) => tab.ask("Input.dispatchMouseEvent", { type, x, y, ...more });
  tab.click = async (at) => {
    await tab.mouse("mouseMoved", at);
    await tab.mouse("mousePressed", at, { button: "left", clickCount: 1 });
    await tab.mouse("mouseReleased", at, { button: "left", clickCount: 1 });
  };
  tab.key = async (key, code, windowsVirtualKeyCode, text) => {
    await tab.ask("Input.dispatchKeyEvent", { type: "keyDown", key, code, windowsVirtualKeyCode, text });
    await tab.ask("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode });
  };
  return tab;
}

// ---- Inside the page ---------------------------------------------------------------------------------------------------------

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const brief = (text) => text.replace(/\s+/g, " ").trim().slice(0, 60);
function colour(text) {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return text.startsWith("rgb") ? [r, g, b, a] : [0, 0, 0, 0];
}
function over([r, g, b, a], under) {
  return [r, g, b].map((one, i) => one * a + under[i] * (1 - a)).concat(1);
}
// WCAG 2.1, 1.4.3.
function contrast(one, other) {
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
// What is painted under an element of the page.
function ground(element) {
  if (!element) return [255, 255, 255, 1];
  const own = colour(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, ground(element.parentElement));
}
// The number in a cell, or nothing: an own reading, so that the script's is not measured by itself.
function number(text) {
  const plain = text.replace(/[✓✗?≥≤<>=]/g, "").replace(/±.*/, "").replace(/\s/g, "");
  // Not infinity, which does not get out of the page.
  if (plain === "never") return Number.MAX_VALUE;
  if (/^-?[\d.]+(%|\/s)?$/.test(plain)) return parseFloat(plain);
  if (!/^([\d.]+(ns|µs|ms|s|m|h|d))+$/.test(plain)) return null;
  const units = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };
  return [...plain.matchAll(/([\d.]+)(\D+)/g)].reduce((sum, [, n, unit]) => sum + n * units[unit], 0);
}
// The middle of an element, after it has been brought into sight.
function middle(element) {
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}
const HELPERS = [`const all = ${all}; const brief = ${brief};`, colour, over, contrast, ground, number, middle];

// Every chart and table with its size, after all that is folded has been unfolded.
function parts() {
  for (const one of all("details")) one.open = true;
  return all("figure, figure > svg, table").map((one) => {
    const { width, height } = one.getBoundingClientRect();
    const name = one.closest("[id]")?.id;
    return { what: `${one.localName} in #${name}`, isSeen: width > 0 && height > 0 && one.checkVisibility({ visibilityProperty: true }) };
  });
}

// What is wrong with the page as it is laid out now.
function layout(smallest, tallest, wide) {
  const scrolls = tallest ? [] : ["auto", "scroll"];
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = all("body *").filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".scroll, svg *"));
    faults.push(`the page is ${root.scrollWidth} px wide, of ${root.clientWidth}: ${wide.slice(0, 3).map((one) => `${one.localName}.${one.className}`)}`);
  }
  // What is wider than its box must scroll in it, which paper does not.
  for (const one of all("body *:not(svg *)")) {
    const { overflowX, display } = getComputedStyle(one);
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && display !== "inline" && !scrolls.includes(overflowX)) {
      faults.push(`<${one.localName}> ${overflowX === "visible" ? "overflows" : "is cut"}: ${one.scrollWidth} px in ${one.clientWidth}: ${brief(one.textContent)}`);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || element.closest("svg, script, style") || !element.checkVisibility({ visibilityProperty: true })) continue;
    seen.add(element);
    const under = ground(element);
    const found = contrast(over(colour(getComputedStyle(element).color), under), under);
    if (found < 4.5) faults.push(`a contrast of ${found.toFixed(2)}: <${element.localName}> ${brief(node.data)}`);
  }
  for (const svg of all("figure > svg")) {
    const chart = `chart ${svg.parentElement.id}`;
    const frame = svg.getBoundingClientRect();
    if (tallest && frame.height > tallest) faults.push(`${chart}: does not fit on a page: ${frame.height.toFixed(0)} px`);
    // In the pixels that the chart was drawn for.
    const width = Number(svg.getAttribute("width"));
    const scale = frame.width / width;
    const texts = all("text", svg).map((one) => {
      const box = one.getBoundingClientRect();
      const at = (value, from) => (value - from) / scale;
      return {
        one, text: brief(one.textContent), left: at(box.left, frame.left), right: at(box.right, frame.left),
        top: at(box.top, frame.top), bottom: at(box.bottom, frame.top),
      };
    });
    const sizes = texts.map(({ one, text }) => [parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a, text]);
    const [size, text] = sizes.reduce((least, one) => (one[0] < least[0] ? one : least), [Infinity, ""]);
    if (size < smallest) faults.push(`${chart}: text of ${size.toFixed(1)} px: ${text}`);
    const height = frame.height / scale;
    texts.forEach((a, nth) => {
      if (wide) return;
      if (a.left < -1 || a.top < -1 || a.right > width + 1 || a.bottom > height + 1) faults.push(`${chart}: text sticks out: ${a.text}`);
      for (const b of texts.slice(nth + 1)) {
        const [x, y] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
        const isHalo = a.text === b.text && Math.abs(a.left - b.left) < 0.5 && Math.abs(a.top - b.top) < 0.5;
        if (x > 1 && y > 1 && !isHalo) faults.push(`${chart}: texts overlap by ${x.toFixed(1)} by ${y.toFixed(1)} px: ${a.text} | ${b.text}`);
      }
    });
    // A text lies on the page, and on every shape drawn before it that its middle is in.
    const shapes = all("*", svg);
    for (const { one, text } of texts) {
      const box = one.getBBox();
      const at = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
      let under = ground(svg);
      for (const shape of shapes.slice(0, shapes.indexOf(one))) {
        if (!shape.isPointInFill || shape.getAttribute("fill") === "none" || !shape.isPointInFill(at)) continue;
        const style = getComputedStyle(shape);
        const [r, g, b, a] = colour(style.fill);
        under = over([r, g, b, a * style.opacity * style.fillOpacity], under);
      }
      const found = contrast(colour(getComputedStyle(one).fill), under);
      if (found < 3) faults.push(`${chart}: a contrast of ${found.toFixed(2)}: ${text}`);
    }
  }
  return faults;
}

// ---- What is asked of a report -----------------------------------------------------------------------------------------------

let failed = 0;
function check(what, is, ...shown) {
  if (is) return;
  failed += 1;
  console.log(`FAIL ${what}${shown.length ? `: ${shown.join(", ")}` : ""}`);
}

// The file as it is read from a disk: its size, its script, its silence.
async function whole(name, tab, file) {
  const bytes = readFileSync(file);
  check(`${name}: below ${PAGE_BYTES} bytes`, bytes.length < PAGE_BYTES, bytes.length);
  const url = pathToFileURL(realpathSync(file)).href;
  tab.requests.length = tab.complaints.length = 0;
  await tab.go(url);
  const scripts = await tab.call(() => ({
    bytes: all("script").reduce((sum, one) => sum + new Blob([one.textContent]).size, 0),
    policies: all("meta[http-equiv='Content-Security-Policy' i]").length,
  }));
  check(`${name}: script below ${SCRIPT_BYTES} bytes`, scripts.bytes > 0 && scripts.bytes < SCRIPT_BYTES, scripts.bytes);
  check(`${name}: no policy of its own`, scripts.policies === 0);
  return tab.call(parts);
}

// The same under a policy that forbids script and style, and with script off besides.
async function strict(name, tab, url, usual) {
  await tab.go(url);
  const policy = await tab.call(() => ({ scripts: all("button").length, styled: getComputedStyle(document.body).maxWidth !== "none" }));
  check(`${name}: the policy is in force`, policy.scripts === 0 && !policy.styled, JSON.stringify(policy));
  const found = await tab.call(parts);
  const names = (of) => of.map((one) => one.what).join();
  check(`${name}: without script and style there is every chart and table`, found.length > 0 && names(found) === names(usual), `${found.length} of ${usual.length}`);
  for (const one of [...found, ...usual].filter((one) => !one.isSeen)) check(`${name}: ${one.what} is seen`, false);
}

// Texts of charts are planned in a face that the program has with it: are the fonts of this machine wider?
async function isWide(data) {
  const context = document.createElement("canvas").getContext("2d");
  const measure = (family) => {
    context.font = `100px ${family}`;
    return context.measureText("time to the answer, share of those offered").width;
  };
  const face = new FontFace("planned", Uint8Array.from(atob(data), (one) => one.charCodeAt(0)));
  document.fonts.add(await face.load());
  const found = measure("Inter, Helvetica, Arial, sans-serif") > 1.03 * measure("planned");
  document.fonts.delete(face);
  return found;
}

let isTold = false;
async function laidOut(name, tab) {
  const wide = await tab.call(isWide, readFileSync("src/report/fonts/Inter-Regular.ttf", "base64"));
  if (wide && !isTold) {
    isTold = true;
    console.log("skipped: where texts of charts lie, for the fonts of this machine are wider than Inter, Helvetica or Arial");
  }
  for (const media of Object.keys(MEDIA)) {
    await tab.media(media);
    for (const width of media === "print" ? [...WIDTHS, PAPER.width] : WIDTHS) {
      await tab.width(width);
      const limits = [media === "print" ? 0 : TEXT_PX, width === PAPER.width ? PAPER.height : 0, wide];
      const faults = await tab.call(layout, ...limits);
      for (const fault of faults.slice(0, FAULTS_MAX)) check(`${name}, ${media}, ${width} px`, false, fault);
      check(`${name}, ${media}, ${width} px`, faults.length <= FAULTS_MAX, `${faults.length - FAULTS_MAX} more`);
    }
  }
  await tab.media("light");
  await tab.width(WIDTHS[0]);
}

// ---- What the script adds, by mouse and by keys ------------------------------------------------------------------------------

const enter = (tab) => tab.key("Enter", "Enter", 13, "\r");
const space = (tab) => tab.key(" ", "Space", 32, " ");

async function copies(name, tab) {
  const count = await tab.call(() => all("pre.copy").length);
  check(`${name}: there is something to copy`, count > 0);
  const state = (nth) => {
    const block = all("pre.copy")[nth];
    return { label: block.querySelector("button").textContent, code: block.querySelector("code").textContent };
  };
  // The clipboard answers when it likes.
  const settled = async (nth) => {
    for (let i = 0; i < 40 && (await tab.call(state, nth)).label === "copy"; i++) await new Promise((resolve) => setTimeout(resolve, 25));
    return tab.call(state, nth);
  };
  for (let nth = 0; nth < count; nth++) {
    await tab.ask("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    await tab.click(await tab.call((nth) => middle(all("pre.copy button")[nth]), nth));
    const { label, code } = await settled(nth);
    check(`${name}: the button says that it has copied`, label === "copied", label);
    const text = await tab.call(() => navigator.clipboard.readText());
    check(`${name}: the command is on the clipboard`, text === code, text);
    for (let i = 0; i < 100 && (await tab.call(state, nth)).label !== "copy"; i++) await new Promise((resolve) => setTimeout(resolve, 25));
    check(`${name}: the button can be pressed again`, (await tab.call(state, nth)).label === "copy");
    // A page that may not write to the clipboard selects the text, for the reader to copy it.
    await tab.call(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); });
    await tab.call((nth) => all("pre.copy button")[nth].focus(), nth);
    await enter(tab);
    const refused = await settled(nth);
    check(`${name}: without a clipboard the text is selected`, refused.label === "selected", refused.label);
    const selected = await tab.call(() => getSelection().toString());
    check(`${name}: exactly the command is selected`, selected === code, selected);
    await tab.call(() => getSelection().removeAllRanges());
  }
}

let telling = 0;
async function sorts(name, tab) {
  const counts = await tab.call(() => all("table.sortable").map((table) => table.tHead.rows[0].cells.length));
  check(`${name}: there is a table to sort`, counts.length > 0);
  const state = (nth, column) => {
    const table = all("table.sortable")[nth];
    return {
      heads: all("thead th", table).map((one) => one.getAttribute("aria-sort") ?? "none"),
      cells: [...table.tBodies[0].rows].map((row) => row.cells[column].textContent),
      numbers: [...table.tBodies[0].rows].map((row) => number(row.cells[column].textContent)),
    };
  };
  for (const [nth, columns] of counts.entries()) {
    for (let column = 0; column < columns; column++) {
      const what = `${name}: table ${nth + 1} by column ${column + 1}`;
      const before = await tab.call(state, nth, column);
      const at = await tab.call((nth, column) => middle(all("table.sortable")[nth].tHead.rows[0].cells[column].querySelector("button")), nth, column);
      for (const direction of ["ascending", "descending"]) {
        if (column % 2) {
          await tab.call((nth, column) => all("table.sortable")[nth].tHead.rows[0].cells[column].querySelector("button").focus(), nth, column);
          await (direction === "ascending" ? enter(tab) : space(tab));
        } else {
          await tab.click(at);
        }
        const now = await tab.call(state, nth, column);
        check(`${what}: aria-sort says ${direction}, of it alone`, now.heads.every((one, i) => one === (i === column ? direction : "none")), now.heads);
        check(`${what}: the same rows`, [...now.cells].sort().join() === [...before.cells].sort().join());
        const sign = direction === "ascending" ? 1 : -1;
        const isNumeric = column > 0 && now.numbers.every((one) => one !== null);
        check(`${what}: numbers are read`, column === 0 || isNumeric, now.cells.join(" | "));
        const inOrder = (values, compare) => values.every((one, i) => i === 0 || sign * compare(values[i - 1], one) <= 0);
        if (isNumeric) {
          check(`${what}: ${direction} by number`, inOrder(now.numbers, (a, b) => (a === b ? 0 : a - b)), now.cells.join(" | "));
          if (!inOrder(now.cells, (a, b) => a.localeCompare(b))) telling += 1;
        } else {
          check(`${what}: ${direction} by letter`, inOrder(now.cells, (a, b) => a.localeCompare(b)), now.cells.join(" | "));
        }
      }
    }
  }
}

async function toggles(name, tab) {
  const boxes = await tab.call(() => ({ shown: document.querySelector(".toggles").checkVisibility(), count: all(".toggles input").length }));
  check(`${name}: variants can be chosen where there are some`, boxes.shown === boxes.count > 1, JSON.stringify(boxes));
  if (boxes.count < 2) return;
  // Marks in the inks of one variant, and all others, by whether they are seen.
  const state = (nth) => {
    const inks = all(".toggles input")[nth].dataset.inks.split(" ");
    const marks = all("figure svg [fill], figure svg [stroke]");
    const own = marks.filter((one) => inks.includes(one.getAttribute("fill")) || inks.includes(one.getAttribute("stroke")));
    const isSeen = (one) => getComputedStyle(one).visibility === "visible";
    const charts = all("figure").filter((figure) => own.some((one) => figure.contains(one)));
    return {
      own: own.length, ownSeen: own.filter(isSeen).length, others: marks.length - own.length, charts: charts.length,
      othersSeen: marks.filter((one) => !own.includes(one)).filter(isSeen).length, checked: all(".toggles input")[nth].checked,
    };
  };
  for (let nth = 0; nth < boxes.count; nth++) {
    const at = await tab.call((nth) => middle(all(".toggles label")[nth]), nth);
    const before = await tab.call(state, nth);
    check(`${name}: variant ${nth + 1} is drawn`, before.own > 0 && before.charts > 1 && before.ownSeen === before.own, JSON.stringify(before));
    await tab.click(at);
    const off = await tab.call(state, nth);
    check(`${name}: variant ${nth + 1} is hidden, and no other`, !off.checked && off.ownSeen === 0 && off.othersSeen === off.others, JSON.stringify(off));
    await tab.call((nth) => all(".toggles input")[nth].focus(), nth);
    await space(tab);
    const on = await tab.call(state, nth);
    check(`${name}: variant ${nth + 1} is shown again`, on.checked && on.ownSeen === on.own && on.othersSeen === on.others, JSON.stringify(on));
  }
}

async function crosshairs(name, tab) {
  const count = await tab.call(() => all("figure").length);
  const state = (nth) => {
    const figure = all("figure")[nth];
    const svg = figure.querySelector("svg");
    const [hair, reading] = [figure.querySelector(".hair"), figure.querySelector(".reading")];
    const box = (one) => (one.checkVisibility() ? one.getBoundingClientRect().toJSON() : null);
    return { hair: box(hair), reading: box(reading), text: reading.textContent, svg: box(svg), ...svg.dataset, id: figure.id };
  };
  let clocks = 0;
  for (let nth = 0; nth < count; nth++) {
    await tab.call((nth) => middle(all("figure")[nth].querySelector("svg")), nth);
    const rest = await tab.call(state, nth);
    const what = `${name}: chart ${rest.id}`;
    check(`${what}: no hairline without a pointer`, !rest.hair && !rest.reading);
    const y = rest.svg.top + rest.svg.height / 2;
    const isClock = rest.from !== undefined;
    clocks += isClock;
    for (const share of isClock ? [0, 0.25, 0.5, 1] : [0.5]) {
      const x = isClock ? Math.round(rest.svg.left + rest.svg.width * (+rest.left + share * (rest.right - rest.left))) : rest.svg.left + rest.svg.width * share;
      await tab.mouse("mouseMoved", { x: x + (share === 0) - (share === 1), y });
      const now = await tab.call(state, nth);
      check(`${what}: the hairline is under the pointer, over all of the chart`, now.hair && Math.abs(now.hair.left - x) < 2 && Math.abs(now.hair.height - rest.svg.height) < 2, JSON.stringify(now.hair));
      check(`${what}: time is told on a time axis alone`, Boolean(now.reading) === isClock, now.text);
      if (isClock) {
        const seconds = +rest.from + share * (rest.to - rest.from);
        const error = Math.abs(number(now.text) - seconds);
        // A pixel either way.
        check(`${what}: the time under the pointer`, error <= 1 + (2 * (rest.to - rest.from)) / rest.svg.width, now.text, `${seconds}s`);
        check(`${what}: the reading is within the page`, now.reading?.right < 1280);
      }
    }
    if (isClock) {
      await tab.mouse("mouseMoved", { x: rest.svg.left + 4, y });
      check(`${what}: no time beside the axis`, !(await tab.call(state, nth)).reading);
    }
    await tab.mouse("mouseMoved", { x: 2, y });
    const left = await tab.call(state, nth);
    check(`${what}: the hairline leaves with the pointer`, !left.hair && !left.reading);
  }
  check(`${name}: there is a time axis`, clocks > 0);
}

// ---- Pictures ----------------------------------------------------------------------------------------------------------------

async function pictures(name, tab) {
  for (const media of ["light", "dark"]) {
    await tab.media(media);
    const height = await tab.call(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
    for (let y = 0, nth = 1; y < height; y += 2000, nth++) {
      const clip = { x: 0, y, width: WIDTHS[0], height: Math.min(2000, height - y), scale: 1 };
      const { data } = await tab.ask("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
      writeFileSync(join(shots, `${name}.${media}.${String(nth).padStart(2, "0")}.png`), data, "base64");
    }
  }
  await tab.media("light");
  const { data } = await tab.ask("Page.printToPDF", { preferCSSPageSize: true, paperWidth: 8.27, paperHeight: 11.69 });
  const pdf = join(shots, `${name}.print.pdf`);
  writeFileSync(pdf, data, "base64");
  try {
    execFileSync("pdftoppm", ["-r", "90", "-png", pdf, pdf.replace(/\.pdf$/, "")]);
  } catch {
    console.log(`skipped: pages of ${pdf} as pictures, for there is no pdftoppm`);
  }
}

// ---- All of it ---------------------------------------------------------------------------------------------------------------

const limit = setTimeout(() => give("the browser has not finished within five minutes"), 300_000);
const server = createServer((request, response) => {
  const file = reports[Number(request.url.slice(1))];
  response.writeHead(file ? 200 : 404, { "Content-Type": "text/html", "Content-Security-Policy": POLICY });
  response.end(file && readFileSync(file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
if (shots) mkdirSync(shots, { recursive: true });

const tab = await open();
const bare = await open();
await bare.ask("Emulation.setScriptExecutionDisabled", { value: true });
// Only the tab in front takes mouse and keys.
await tab.ask("Page.bringToFront");
for (const [nth, file] of reports.entries()) {
  const name = basename(dirname(dirname(file)));
  const before = failed;
  const start = Date.now();
  await tab.media("light");
  await tab.width(WIDTHS[0]);
  const usual = await whole(name, tab, file);
  await strict(name, bare, `http://127.0.0.1:${server.address().port}/${nth}`, usual);
  await laidOut(name, tab);
  await copies(name, tab);
  await sorts(name, tab);
  await toggles(name, tab);
  await crosshairs(name, tab);
  check(`${name}: nothing is asked of the network`, tab.requests.length === 1, tab.requests.slice(1));
  check(`${name}: no complaint on the console`, tab.complaints.length === 0, tab.complaints);
  if (shots) {
    await tab.go(pathToFileURL(realpathSync(file)).href);
    await pictures(name, tab);
  }
  const charts = usual.filter((one) => one.what.startsWith("svg")).length;
  if (failed === before) console.log(`ok   ${name}: ${charts} charts, ${usual.filter((one) => one.what.startsWith("table")).length} tables, ${((Date.now() - start) / 1000).toFixed(1)}s`);
}
check("somewhere the order by number is not that by letter", telling > 0);

clearTimeout(limit);
server.close();
await ask("Browser.close");
await new Promise((resolve) => (child.exitCode === null ? child.on("exit", resolve) : resolve()));
process.exit(failed === 0 ? 0 : 1);
