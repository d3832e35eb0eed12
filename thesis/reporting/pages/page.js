// Comfort for those who have scripts: the page says everything without it.
(() => {
"use strict";
const root = document.documentElement;
const all = (query, of = document) => [...of.querySelectorAll(query)];
const on = (what, names, act) => names.split(" ").forEach(name => what.addEventListener(name, act));

// Light or dark: as the system has it, the other one, the same.
for (const button of all("[data-theme-toggle]")) {
  const modes = ["", "dark", "light"];
  if (matchMedia("(prefers-color-scheme: dark)").matches) modes.reverse().unshift(modes.pop());
  button.hidden = false;
  on(button, "click", () => {
    modes.push(modes.shift());
    if (modes[0]) root.dataset.theme = modes[0];
    else delete root.dataset.theme;
  });
}

// Tables by a column, up or down; what is unknown stands last either way.
for (const table of all("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  for (const head of heads) for (const button of all("button", head)) on(button, "click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending", isNumber = head.dataset.kind === "number";
    const known = [], unknown = [];
    for (const row of body.rows) {
      const text = row.cells[head.cellIndex].dataset.value;
      const value = isNumber && text !== undefined ? parseFloat(text) : text;
      (value === undefined || Number.isNaN(value) ? unknown : known).push([value, row]);
    }
    const compare = (a, b) => isNumber ? a - b : a.localeCompare(b, root.lang);
    known.sort(([a], [b]) => up ? compare(a, b) : compare(b, a));
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...[...known, ...unknown].map(([, row]) => row));
  });
}

// Drawings: what marks, lines and cells say at the pointer or under the arrow keys.
const tip = document.createElement("div");
const sign = document.createElementNS("http://www.w3.org/2000/svg", "rect");
tip.className = "tip";
tip.setAttribute("role", "status");
document.body.append(tip);
const hide = () => { tip.hidden = true; sign.remove(); };
hide();

for (const svg of all("svg.drawing")) {
  const title = svg.querySelector("title"); // which browsers show over every mark
  svg.setAttribute("aria-label", title.textContent);
  svg.removeAttribute("aria-labelledby");
  for (const { id } of all("desc", svg)) svg.setAttribute("aria-describedby", id);
  title.remove();
  const held = key => all(`[data-${key}]`, svg).map(each => JSON.parse(each.dataset[key]))[0];
  const lines = held("lines"), cells = held("cells"), marks = all("[data-tip]", svg);
  if (!lines && !cells && !marks[0]) continue;

  const show = (hit, y) => {
    hide();
    if (!hit) return;
    const [text, look, left, top, right, bottom] = hit;
    const box = { class: look, x: left, y: top, width: right - left, height: bottom - top };
    for (const key in box) sign.setAttribute(key, box[key]);
    svg.append(sign);
    tip.textContent = text;
    tip.hidden = false;
    const at = sign.getBoundingClientRect(), { offsetWidth: w, offsetHeight: h } = tip;
    const x = at.right + 10 + w > innerWidth ? at.left - 10 - w : at.right + 10;
    tip.style.left = Math.max(4, x) + "px";
    tip.style.top = Math.max(4, Math.min(y ? y - h - 12 : at.top, innerHeight - h - 4)) + "px";
  };
  const mark = k => {
    const { x, y, width, height } = marks[k].getBBox();
    return [marks[k].dataset.tip, "here", x - 1, y - 1, x + width + 1, y + height + 1];
  };
  // A rectangle without a width is not drawn.
  const place = k => [lines.tips[k], "cross", lines.x[k], lines.top, lines.x[k] + 0.01, lines.bottom];
  const cell = (row, column) => {
    const { x, y } = cells, at = { row, column, cell: row * (x.length - 1) + column };
    if (cells.silent.includes(at.cell)) return null;
    const text = cells.lines.map(([of, said, which]) => said[which ? which[at[of]] : at[of]]);
    return [text.join("\n"), "here", x[column], Math.min(y[row], y[row + 1]),
      x[column + 1], Math.max(y[row], y[row + 1])];
  };
  const least = far => far.indexOf(Math.min(...far));
  const within = (edges, at) => edges.findIndex((edge, k) => (edge - at) * (edges[k + 1] - at) <= 0);
  const find = event => {
    const point = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = point.matrixTransform(svg.getScreenCTM().inverse());
    const far = marks.map((_, k) => {
      const [,, left, top, right, bottom] = mark(k);
      return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    });
    if (Math.min(...far) < 9) return mark(least(far));
    if (cells) {
      const row = within(cells.y, y), column = within(cells.x, x);
      return row >= 0 && column >= 0 && cell(row, column);
    }
    return lines && y > lines.top && y < lines.bottom && place(least(lines.x.map(each => Math.abs(each - x))));
  };
  on(svg, "pointermove pointerdown", event => show(find(event), event.clientY));
  on(svg, "pointerleave", event => event.pointerType === "mouse" && hide());
  on(svg, "blur", hide);

  // Left and right: along lines and cells; up and down: over marks and rows.
  svg.tabIndex = 0;
  let along = -1, down = cells ? 0 : -1;
  const step = (at, by, count) => Math.max(0, Math.min(count - 1, at + by));
  on(svg, "keydown", event => {
    const key = event.key.replace("Arrow", "");
    const by = { Left: -1, Up: -1, Right: 1, Down: 1, Home: -Infinity, End: Infinity }[key];
    if (key === "Escape") hide();
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const isUpright = key === "Up" || key === "Down";
    if (cells) {
      if (isUpright) down = step(down, by, cells.y.length - 1);
      if (!isUpright || along < 0) along = step(along, isUpright ? 1 : by, cells.x.length - 1);
      show(cell(down, along));
    } else if (lines && !(isUpright && marks[0])) show(place(along = step(along, by, lines.x.length)));
    else show(mark(down = step(down, by, marks.length)));
  });
}
on(window, "scroll", hide);
on(window, "pointerdown", event => event.target.closest?.("svg.drawing") || hide());
})();
