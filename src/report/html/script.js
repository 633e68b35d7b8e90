
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, text, inside) => {
    const one = document.createElement(tag);
    one.textContent = text;
    if (inside) inside.append(one);
    return one;
  };

  // What is to be typed can be copied.
  for (const block of all("pre.copy")) {
    const text = block.textContent;
    const button = make("button", "copy", block);
    button.type = "button";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(block.querySelector("code"));
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
  }

  // A table is sorted by the column whose head is pressed: by the numbers in it, by letter if it holds names.
  const units = { "µs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400, ns: 1e-9 };
  const value = (text) => {
    const plain = text.replace(/^[✓✗?≥<= ]+/, "").split("±")[0].replace(/[\u202f\u00a0 ](?=\d{3})/g, "").trim();
    if (plain.startsWith("never")) return Infinity;
    const parts = [...plain.matchAll(/(-?\d+(?:\.\d+)?)(ns|µs|ms|s|m|h|d)(?![a-z])/g)];
    if (parts.length) return parts.reduce((sum, [, n, unit]) => sum + n * units[unit], 0);
    return parseFloat(plain);
  };
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    all("thead th", table).forEach((head, column) => {
      const text = head.textContent;
      head.textContent = "";
      const button = make("button", text, head);
      button.type = "button";
      button.addEventListener("click", () => {
        const isRising = head.getAttribute("aria-sort") !== "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", isRising ? "ascending" : "descending");
        const key = (row) => row.cells[column].textContent;
        const compare = (a, b) => {
          const [x, y] = column ? [value(key(a)), value(key(b))] : [NaN, NaN];
          const order = isNaN(x) && isNaN(y) ? key(a).localeCompare(key(b)) : isNaN(x) - isNaN(y) || (x === y ? 0 : x - y);
          return isRising ? order : -order;
        };
        body.append(...[...body.rows].sort(compare));
      });
    });
  }

  // Variants are told apart by colour alone: what has a variant's colour is shown or not.
  const toggles = document.querySelector(".toggles");
  if (toggles && all("input", toggles).length > 1) {
    toggles.hidden = false;
    for (const box of all("input", toggles)) {
      const inks = new Set(box.dataset.inks.split(" "));
      box.addEventListener("change", () => {
        for (const mark of all("figure svg [stroke], figure svg [fill]")) {
          if (inks.has(mark.getAttribute("stroke")) || inks.has(mark.getAttribute("fill"))) {
            mark.style.visibility = box.checked ? "" : "hidden";
          }
        }
      });
    }
  }

  // A hairline follows the pointer; on a time axis it tells the time.
  const clock = (seconds) => {
    const whole = Math.round(seconds);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return [h && `${h}h`, m && `${m}m`, (s || !whole) && `${s}s`].filter(Boolean).join("");
  };
  for (const figure of all("figure")) {
    const svg = figure.querySelector("svg");
    const hair = make("div", "", figure);
    hair.className = "hair";
    const reading = make("div", "", figure);
    reading.className = "reading";
    const hide = () => { hair.hidden = reading.hidden = true; };
    hide();
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = event.clientX - box.left;
      hair.hidden = false;
      hair.style.left = reading.style.left = `${x}px`;
      hair.style.height = `${box.height}px`;
      const { left, right, from, to } = svg.dataset;
      const share = (x / box.width - left) / (right - left);
      reading.hidden = !(share >= 0 && share <= 1);
      if (!reading.hidden) reading.textContent = clock(+from + share * (to - from));
    });
  }
})();
