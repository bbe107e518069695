"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const kRows = 200, kNodes = 40;
  const svgNames = "http://www.w3.org/2000/svg";

  // An element with attributes and children; text is only ever text.
  function make(name, attributes, ...children) {
    const element = name.startsWith("svg:") ? document.createElementNS(svgNames, name.slice(4)) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {}))
      if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  const count = (n, one, many) => n.toLocaleString("en") + " " + (n === 1 ? one : many || one + "s");
  const baseName = (path) => path.replace(/\/+$/, "").replace(/^.*\//, "") || path;

  // "/a/./b/../c" and "/a/c" are one file.
  function normal(path) {
    const parts = [];
    for (const part of path.split("/")) {
      if (part === "..") { if (parts.length && parts[parts.length - 1] !== "") parts.pop(); }
      else if (part !== "." && (part !== "" || !parts.length)) parts.push(part);
    }
    return parts.join("/");
  }

  // Rules: each recipe once, by its file and line.
  const recipes = [], recipeAt = new Map();
  function recipeOf(file, line) {
    const key = normal(file) + ":" + line;
    if (!recipeAt.has(key)) {
      recipeAt.set(key, recipes.length);
      recipes.push({ name: baseName(file) + ":" + line, file, line, text: "", source: "", hits: [], failed: 0 });
    }
    return recipeAt.get(key);
  }
  for (const file of data.rules) {
    const lines = file.text.split("\n");
    file.recipes.forEach((listed, i) => {
      const recipe = recipes[recipeOf(file.path, listed.line)];
      const next = i + 1 < file.recipes.length ? file.recipes[i + 1].line : lines.length + 1;
      recipe.text = listed.text;
      recipe.source = sourceOf(lines, listed.line, next);
    });
  }
  // A recipe's lines: its first one, its conditions, its action; a backslash joins the next one.
  function sourceOf(lines, first, next) {
    const out = [lines[first - 1]];
    for (let at = first; at + 1 < next; at++) {
      const line = lines[at], joined = lines[at - 1].endsWith("\\");
      out.push(line);
      if (!joined && line.trim() && !/^\s*[*#]/.test(line) && !line.endsWith("\\")) break;
      if (joined && !line.endsWith("\\") && !/^\s*\*/.test(out[1] || "")) break;
    }
    return out.join("\n").trimEnd();
  }

  // Messages: what they met. A place is a kind and a target.
  const places = [], placeAt = new Map(), outcomes = new Map(), sources = new Map(), assumed = new Map(), flows = new Map();
  function placeOf(kind, target) {
    const key = kind + " " + target;
    if (!placeAt.has(key)) {
      placeAt.set(key, places.length);
      places.push({ kind, name: kind === "discard" ? "discarded" : key, hits: [] });
    }
    return placeAt.get(key);
  }
  const acts = (action) => action.kind !== "filter" && action.kind !== "capture";
  data.messages.forEach((message, number) => {
    const put = (map, key) => map.set(key, (map.get(key) || 0) + 1);
    put(outcomes, message.outcome);
    if (!sources.has(message.source)) sources.set(message.source, sources.size);
    for (const what of message.assumed) put(assumed, what);
    message.recipes = message.path.map((step) => recipeOf(step.file, step.line));
    message.recipes.forEach((recipe, i) => {
      const hits = recipes[recipe].hits;
      if (hits[hits.length - 1] !== number) hits.push(number);
      if (message.path[i].held === false) recipes[recipe].failed++;
    });
    const ends = message.actions.filter(acts).map((action) =>
      [action.rule ? recipeOf(action.rule.file, action.rule.line) : -1, placeOf(action.kind, action.target)]);
    if (!ends.length) ends.push([-1, placeOf(message.outcome, "")]);
    message.places = ends.map((end) => end[1]);
    for (const [recipe, place] of ends) {
      const hits = places[place].hits;
      if (hits[hits.length - 1] !== number) hits.push(number);
      put(flows, [sources.get(message.source), recipe, place].join(" "));
    }
  });

  // The address: #recipe=3, #place=1, #outcome=lost, each with &message=17. Every link is one, so "back" works.
  function state() {
    return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  }
  const link = (what) => "#" + new URLSearchParams(what);

  // Colours: by what becomes of the mail, then by the place.
  function colourOf(place) {
    const fixed = { discard: "#9aa0a6", lost: "#d64545", refused: "#d64545", unknown: "#d64545", forward: "#8e5bd0", pipe: "#d9822b" };
    if (fixed[place.kind]) return fixed[place.kind];
    let hash = 0;
    for (const c of place.name) hash = (hash * 31 + c.codePointAt(0)) % 9973;
    return "hsl(" + (150 + hash % 130) + " 52% 52%)";
  }

  // The flow: three columns of nodes, ribbons between them as thick as their mail.
  function drawFlow() {
    const columns = [new Map(), new Map(), new Map()], ribbons = [new Map(), new Map()];
    const names = [...sources.keys()];
    const busiest = (list) => new Set(list.filter((i) => i[1] > 0).sort((a, b) => b[1] - a[1]).slice(0, kNodes).map((i) => i[0]));
    const total = [new Map(), new Map(), new Map()];
    for (const [key, n] of flows) key.split(" ").forEach((id, c) => total[c].set(+id, (total[c].get(+id) || 0) + n));
    const shown = total.map((map) => busiest([...map]));
    const kOthers = 1e9;
    for (const [key, n] of flows) {
      const ids = key.split(" ").map((id, c) => (shown[c].has(+id) ? +id : kOthers));
      ids.forEach((id, c) => {
        const node = columns[c].get(id) || { id, n: 0 };
        node.n += n;
        columns[c].set(id, node);
      });
      for (const c of [0, 1]) {
        const pair = ids[c] + " " + ids[c + 1], ribbon = ribbons[c].get(pair) || { from: ids[c], to: ids[c + 1], n: 0 };
        ribbon.n += n;
        ribbons[c].set(pair, ribbon);
      }
    }
    const describe = [
      (id) => ({ label: id === kOthers ? "other mail" : baseName(names[id]) || names[id], title: names[id] || "", colour: "#7d8790", href: null }),
      (id) => id === kOthers ? { label: "other recipes", title: "", colour: "#7d8790", href: null }
        : id < 0 ? { label: "no recipe", title: "what no recipe took", colour: "#5b8def", href: link({ recipe: -1 }) }
        : { label: recipes[id].name + "  " + recipes[id].text.replace(/^\* /, "").replace(/ -> .*/, ""), title: recipes[id].text, colour: "#7d8790", href: link({ recipe: id }) },
      (id) => id === kOthers ? { label: "other places", title: "", colour: "#7d8790", href: null }
        : { label: places[id].name, title: "", colour: colourOf(places[id]), href: link({ place: id }) }];
    const lists = columns.map((column, c) => [...column.values()].sort((a, b) =>
      c === 1 ? order(a.id) - order(b.id) : b.n - a.n));
    // Places stand about where their mail comes from, so that few ribbons cross.
    const rank = new Map(lists[1].map((node, i) => [node.id, i])), pull = new Map();
    for (const r of ribbons[1].values()) pull.set(r.to, (pull.get(r.to) || 0) + r.n * rank.get(r.from));
    lists[2].sort((a, b) => pull.get(a.id) / a.n - pull.get(b.id) / b.n || b.n - a.n);
    const all = lists[0].reduce((sum, node) => sum + node.n, 0) || 1;
    const tallest = Math.max(...lists.map((list) => list.length));
    const width = 1200, gap = 14, room = Math.max(240, Math.min(460, tallest * 14)), height = room + tallest * gap + 8;
    const x = [8, 430, 870], bar = 14;
    lists.forEach((list) => {
      let y = Math.max(4, (height - room - list.length * gap) / 2);
      for (const node of list) {
        node.height = Math.max(2, (node.n / all) * room);
        node.y = y, node.in = node.out = y;
        y += node.height + gap;
      }
    });
    const svg = make("svg:svg", { viewBox: "0 0 " + width + " " + Math.ceil(Math.max(height, ...lists.map((l) => l.length ? l[l.length - 1].y + l[l.length - 1].height + 8 : 0))), role: "group", "aria-labelledby": "flow-title" });
    ribbons.forEach((map, c) => {
      const from = columns[c], to = columns[c + 1];
      const sorted = [...map.values()].sort((a, b) => from.get(a.from).y - from.get(b.from).y || to.get(a.to).y - to.get(b.to).y);
      for (const r of sorted) {
        const a = from.get(r.from), b = to.get(r.to), h = Math.max(1, (r.n / all) * room);
        const x0 = x[c] + bar, x1 = x[c + 1], m = (x0 + x1) / 2, y0 = a.out, y1 = b.in;
        a.out += h, b.in += h;
        const colour = c === 1 ? describe[2](r.to).colour : describe[1](r.to).colour;
        const path = make("svg:path", { fill: colour, "data-recipe": c === 1 ? r.from : r.to, "data-place": c === 1 ? r.to : null,
          d: `M${x0},${y0}C${m},${y0} ${m},${y1} ${x1},${y1}V${y1 + h}C${m},${y1 + h} ${m},${y0 + h} ${x0},${y0 + h}Z` });
        path.append(make("svg:title", {}, describe[c](r.from).label + " → " + describe[c + 1](r.to).label + ": " + r.n));
        svg.append(path);
      }
    });
    lists.forEach((list, c) => {
      for (const node of list) {
        const what = describe[c](node.id);
        const label = (what.label.length > 42 ? what.label.slice(0, 41) + "…" : what.label) + "  " + node.n.toLocaleString("en");
        const group = make(what.href ? "svg:a" : "svg:g", what.href ? { href: what.href, "aria-label": what.label + ", " + count(node.n, "message") } : {},
          make("svg:title", {}, what.title || what.label),
          make("svg:rect", { x: x[c], y: node.y, width: bar, height: node.height, rx: 3, fill: what.colour }),
          make("svg:text", { x: x[c] + bar + 6, y: node.y + Math.min(node.height / 2, 200) + 4 }, label));
        svg.append(group);
      }
    });
    byId("flow").append(svg);
  }
  // Recipes stand in their files' order; what no recipe took comes last.
  const order = (id) => (id < 0 ? 1e8 : id);

  function drawOutcomes(now) {
    const chip = (name, n, href, current) => make("li", {}, make("a", { href, class: name, "aria-current": current ? "true" : null }, make("b", {}, n.toLocaleString("en")), " " + name));
    byId("outcomes").replaceChildren(chip("messages", data.messages.length, "#", !now.outcome && !now.recipe && !now.place),
      ...[...outcomes].map(([name, n]) => chip(name, n, link({ outcome: name }), now.outcome === name)));
  }

  function drawRules() {
    for (const file of data.rules) {
      const at = new Map(file.recipes.map((listed) => [listed.line, recipeOf(file.path, listed.line)]));
      const never = file.recipes.filter((listed) => !recipes[recipeOf(file.path, listed.line)].hits.length).length;
      const body = make("tbody");
      file.text.replace(/\n$/, "").split("\n").forEach((line, i) => {
        const id = at.get(i + 1), recipe = recipes[id];
        let hits = "";
        if (recipe && recipe.hits.length)
          hits = make("a", { href: link({ recipe: id }), style: "--share:" + Math.ceil(100 * recipe.hits.length / data.messages.length) + "%",
            "aria-label": "recipe in line " + recipe.line + ": " + count(recipe.hits.length, "message"),
            title: recipe.failed ? count(recipe.failed, "time") + " its action failed" : null },
            recipe.hits.length.toLocaleString("en") + (recipe.failed ? " ⚠" : ""));
        else if (recipe) hits = make("span", { class: "never", title: "no message reached or matched this recipe" }, "never");
        body.append(make("tr", { "data-recipe": id }, make("td", { class: "hits" }, hits), make("td", { class: "number" }, String(i + 1)),
          make("td", { class: /^\s*#/.test(line) ? "comment" : null }, line || " ")));
      });
      byId("rules").append(make("section", { "aria-label": "rules " + file.path },
        make("h2", { title: file.path }, baseName(file.path) + " ", make("small", {}, count(file.recipes.length, "recipe") + (never ? ", " + never + " of them never matched" : ""))),
        make("div", { class: "source", tabindex: "0", role: "region", "aria-label": "source of " + file.path }, make("table", {}, body))));
    }
  }

  function drawAssumed() {
    if (!assumed.size) return;
    byId("assumed").hidden = false;
    byId("assumed").firstChild.append(make("ul", {}, ...[...assumed].sort((a, b) => b[1] - a[1]).slice(0, 500).map(([what, n]) => make("li", {}, n.toLocaleString("en") + " × " + what))));
  }

  let rows = kRows;
  const everyNumber = data.messages.map((_, i) => i);
  function chosen(now) {
    if (now.recipe === "-1") return [everyNumber.filter((i) => !data.messages[i].actions.some((a) => acts(a) && a.rule)), "no recipe took"];
    if (now.recipe && recipes[now.recipe]) return [recipes[now.recipe].hits, recipes[now.recipe].name + " matched"];
    if (now.place && places[now.place]) return [places[now.place].hits, "went to " + places[now.place].name];
    if (now.outcome) return [everyNumber.filter((i) => data.messages[i].outcome === now.outcome), "are " + now.outcome];
    return [everyNumber, ""];
  }
  // Made when it is first wanted: drawing comes first.
  function searched(message) {
    message.search ??= [message.subject, message.from, message.message_id, ...message.places.map((p) => places[p].name)].join(" ").toLowerCase();
    return message.search;
  }
  function drawList(now) {
    let [numbers, why] = chosen(now);
    const wanted = byId("search").value.trim().toLowerCase();
    if (wanted) numbers = numbers.filter((i) => searched(data.messages[i]).includes(wanted));
    byId("list-title").textContent = why.endsWith("took") || why.endsWith("matched") ? count(numbers.length, "message") + " that " + why : count(numbers.length, "message") + (why ? " that " + why : "");
    byId("all").hidden = !why;
    const { message: _, ...filter } = now;
    byId("list").replaceChildren(...numbers.slice(0, rows).map((i) => {
      const message = data.messages[i];
      return make("tr", { class: now.message === String(i) ? "chosen" : null },
        make("td", {}, make("a", { href: link({ ...filter, message: i }), title: message.subject }, message.subject || "(no subject)")),
        make("td", { title: message.from }, message.from || ""),
        make("td", { class: message.outcome }, message.places.map((p) => places[p].name).join(", ")));
    }));
    byId("more").hidden = numbers.length <= rows;
  }

  function describePath(message) {
    const list = make("ol", { class: "path" });
    const used = new Set();
    message.path.forEach((step, i) => {
      const recipe = recipes[message.recipes[i]];
      const at = message.actions.findIndex((a, k) => !used.has(k) && a.rule && a.rule.line === step.line && normal(a.rule.file) === normal(step.file));
      const action = at >= 0 ? message.actions[at] : null;
      if (action) used.add(at);
      const goesOn = !action || action.copy || !acts(action);
      const what = step.held === false ? "its action failed, the rules go on" : step.text === "{" ? "enters the block"
        : action ? action.kind + " " + action.target + (goesOn ? ", and the rules go on" : ", and there the rules end") : step.text;
      list.append(make("li", { class: step.held === false ? "failed" : goesOn ? null : "end" },
        make("a", { href: link({ recipe: message.recipes[i], message: state().message }) }, recipe.name), ": " + what, make("pre", {}, recipe.source || step.text)));
    });
    message.actions.forEach((action) => {
      if (!action.rule) list.append(make("li", { class: "end" }, "no recipe took it: " + action.kind + " " + action.target));
    });
    if (!message.actions.some(acts)) list.append(make("li", { class: "failed" }, "nothing took it: " + message.outcome + ", exit " + message.exit));
    return list;
  }
  function drawDetail(now) {
    const message = data.messages[now.message], detail = byId("detail");
    detail.hidden = !message;
    if (!message) return;
    const { message: _, ...filter } = now;
    const pairs = [["From", message.from], ["Message-ID", message.message_id], ["Stored in", message.source + ", number " + message.index], ["Outcome", message.outcome + ", exit " + message.exit]];
    const parts = [make("div", { class: "bar" }, make("h2", { id: "detail-title", tabindex: "-1" }, message.subject || "(no subject)"), make("a", { href: link(filter) }, "Close")),
      make("dl", {}, ...pairs.filter((p) => p[1]).flatMap(([name, text]) => [make("dt", {}, name), make("dd", name === "Outcome" ? { class: message.outcome } : {}, text)])),
      describePath(message)];
    if (message.assumed.length) parts.push(make("p", { class: "none" }, "Assumed: " + message.assumed.join("; ")));
    if (message.trace) parts.push(make("details", {}, make("summary", {}, "Every condition that was met (" + message.trace.length + ")"), make("ul", { class: "trace", tabindex: "0" },
      ...message.trace.map((t) => make("li", { class: t.held ? "held" : null }, (t.held === null ? "·" : t.held ? "✓" : "✗") + " " + baseName(t.file) + ":" + t.line + "  " + t.text + " ", make("small", {}, t.why))))));
    detail.replaceChildren(...parts);
  }

  function mark(now) {
    const mine = now.recipe && +now.recipe, message = data.messages[now.message];
    document.querySelectorAll("tr[data-recipe]").forEach((row) =>
      row.classList.toggle("chosen", +row.dataset.recipe === mine || (!!message && message.recipes.includes(+row.dataset.recipe))));
    // A recipe that opens a block has no ribbon of its own: then all stay.
    const paths = [...document.querySelectorAll("#flow path")];
    const matches = (path) => (!now.recipe || path.dataset.recipe === now.recipe) && (!now.place || !path.dataset.place || path.dataset.place === now.place);
    const any = paths.some(matches);
    paths.forEach((path) => path.classList.toggle("dim", any && !matches(path)));
  }
  // Whoever uses keys goes on where they were: at the same link if it was drawn anew, at the row of a message that was
  // closed, else above the list.
  function keepFocus(before, closed) {
    const now = document.activeElement;
    if (now && now !== document.body && now.isConnected && now.getClientRects().length) return;
    const href = before.getAttribute("href");
    const links = [...document.querySelectorAll("#outcomes a, #detail a, #list a")].filter((a) => a.getClientRects().length);
    const again = links.find((a) => a.getAttribute("href") === href && href !== "#") ||
      links.find((a) => closed !== undefined && new URLSearchParams(a.hash.slice(1)).get("message") === closed);
    (again || byId("list-title")).focus();
  }
  let shownMessage;
  function draw() {
    const now = state(), before = document.activeElement, closed = now.message === undefined ? shownMessage : undefined;
    drawOutcomes(now);
    drawList(now);
    drawDetail(now);
    mark(now);
    if (now.message !== undefined && now.message !== shownMessage && byId("detail-title")) {
      byId("detail-title").focus({ preventScroll: true });
      byId("detail").scrollIntoView({ block: "nearest" });
    }
    shownMessage = now.message;
    if (before && before !== document.body) keepFocus(before, closed);
  }
  // Up and down go from link to link within the picture, the rules, a path, the list.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], from = event.target;
    const group = step && from.closest && from.closest("a[href]") && from.closest("#flow, #rules, .path, #list");
    if (!group || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...group.querySelectorAll("a[href]")], to = links[links.indexOf(from) + step];
    if (to) to.focus();
    event.preventDefault();
  });

  byId("title").textContent = "What " + baseName(data.rules_name) + " would do with " + count(data.messages.length, "message");
  document.title = byId("title").textContent;
  byId("search").addEventListener("input", () => { rows = kRows; drawList(state()); });
  byId("more").addEventListener("click", () => {
    rows += kRows;
    drawList(state());
    const first = byId("list").rows[rows - kRows];
    if (first) first.querySelector("a").focus();
  });
  byId("skip").addEventListener("click", () => byId("list-title").focus());
  window.addEventListener("hashchange", () => { rows = kRows; draw(); });
  drawFlow();
  drawRules();
  drawAssumed();
  draw();
  document.documentElement.dataset.drawn = Math.round(performance.now());
})();
