// The entry grid: each cell saves itself when it is left, and what cannot be saved now is kept.
"use strict";

(() => {
  const grid = document.getElementById("bang");
  if (!grid?.dataset.editable) return;
  const { Cell, COLUMNS, block, kept, plain, same } = thuocdo;
  const { user, report } = grid.dataset;
  const { token, send } = thuocdo.talk(grid);
  const told = Object.fromEntries(
    Object.entries(grid.dataset)
      .filter(([name]) => /^t[A-Z]/.test(name))
      .map(([name, text]) => [name[1].toLowerCase() + name.slice(2), text]),
  );

  document.documentElement.classList.add("td-script");
  const byId = (id) => document.getElementById(id);
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  const status = byId("tinh-trang");
  const WHILE = 4000;
  let announced = 0;

  // What concerns the page stands in the bar for a moment; what stands at a cell is only spoken.
  function announce(sentence) {
    status.textContent = sentence;
    announced = Date.now();
    setTimeout(overview, WHILE + 100);
  }
  function whisper(sentence) {
    byId("noi").textContent = sentence;
  }

  const cells = [...grid.querySelectorAll(".td-cell")].map(
    (element) => new Cell(element, { user, report, told, send, announce: whisper, overview }),
  );
  const cellOf = (node) => cells.find((cell) => cell.element.contains(node));

  // The bar: how much is filled in, what is to be looked at, whether all is saved.

  function overview() {
    const filled = cells.filter((cell) => cell.element.classList.contains("filled"));
    byId("da-nhap").textContent = filled.length;
    document.querySelector(".td-bar-sticky progress").value = filled.length;
    for (const section of grid.querySelectorAll("section")) {
      const own = section.querySelectorAll(".td-cell");
      const done = section.querySelectorAll(".td-cell.filled");
      section.querySelector("h2 small").textContent = `${done.length} / ${own.length}`;
    }
    byId("so-loi").textContent = grid.querySelectorAll(".td-finding.error").length;
    byId("so-canh-bao").textContent = grid.querySelectorAll(
      ".td-finding.warning:not(.answered)",
    ).length;
    const open = cells.filter((cell) => cell.open);
    const saving = open.some((cell) => cell.state === "saving");
    const bad = open.some((cell) => !["saving", "typing", ""].includes(cell.state));
    status.className = `overall${bad ? " bad" : open.length ? " busy" : ""}`;
    if (open.length) {
      if (saving && !bad) status.textContent = told.saving;
      else if (Date.now() - announced > WHILE) status.textContent = `${open.length} ${told.unsaved}`;
    } else if (status.textContent || cells.some((cell) => cell.state === "saved")) {
      if (Date.now() - announced > WHILE) status.textContent = told.allSaved;
    }
    byId("o-trong").hidden = filled.length === cells.length;
    list();
  }

  // The list of what is to be looked at, from what the cells show.
  let listed = "";

  function list() {
    const shown = cells.map((cell) => [cell.element.classList.contains("filled"), cell.findings.textContent]);
    if (listed === (listed = JSON.stringify(shown))) return;
    const about = [...byId("danh-sach").children].filter((line) => line.dataset.item === "");
    const lines = cells.flatMap((cell) =>
      [...cell.findings.children].map((finding) => {
        const line = document.createElement("li");
        line.className = finding.className.replace("td-finding", "").trim();
        line.dataset.item = cell.item;
        const link = document.createElement("a");
        link.href = `#o-${cell.item}`;
        link.textContent = cell.name;
        const words = document.createElement("span");
        words.textContent = finding.querySelector("p").textContent;
        line.append(link, " ", words);
        return line;
      }),
    );
    const order = ["error", "warning", "warning answered"];
    lines.sort((one, other) => order.indexOf(one.className) - order.indexOf(other.className));
    byId("danh-sach").replaceChildren(...about, ...lines);
    byId("khong-loi").hidden = about.length + lines.length > 0;
    const empty = cells.filter((cell) => !cell.element.classList.contains("filled"));
    const missing = byId("con-thieu");
    missing.hidden = empty.length === 0;
    missing.querySelector("b").textContent = empty.length;
    missing.querySelector("ul").replaceChildren(
      ...empty.map((cell) => {
        const line = document.createElement("li");
        const link = document.createElement("a");
        link.href = `#o-${cell.item}`;
        link.textContent = cell.name;
        line.append(link);
        return line;
      }),
    );
  }
  grid.addEventListener("input", (event) => {
    if (event.target.dataset.field) cellOf(event.target).typed();
  });
  grid.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox]") && event.target.dataset.field) {
      cellOf(event.target).save();
    }
  });
  grid.addEventListener("focusout", (event) => {
    if (event.target.dataset.field) cellOf(event.target).save();
  });

  // To the same column of the next or previous row.
  function go(cell, field, step) {
    const next = cells[cells.indexOf(cell) + step];
    if (!next) return;
    const input = next.inputs[field] ?? next.inputs.numerator ?? next.inputs.value;
    input.focus();
    input.select?.();
    next.element.scrollIntoView({ block: "nearest" });
  }

  grid.addEventListener("keydown", (event) => {
    const { field } = event.target.dataset;
    if (!field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const cell = cellOf(event.target);
    const arrows = event.target.matches("input:not([type=checkbox])");
    if (event.key === "Enter") go(cell, field, event.shiftKey ? -1 : 1);
    else if (arrows && event.key === "ArrowDown") go(cell, field, 1);
    else if (arrows && event.key === "ArrowUp") go(cell, field, -1);
    else if (event.key === "Escape") cell.restore();
    else return;
    event.preventDefault();
  });

  // A block from a spreadsheet, from the focused field to the right and down.
  let undo = [];

  async function post(changed) {
    for (const cell of changed) {
      clearTimeout(cell.later);
      cell.pending = { ...cell.fields(), ...cell.extra, version: cell.version };
      cell.extra = {};
      cell.sending = cell.fields();
      cell.say("saving", told.saving);
    }
    const sent = changed.map((cell) => ({ item: cell.item, ...cell.pending }));
    const answer = await send(
      grid.dataset.paste,
      JSON.stringify({ user, cells: sent }),
      { "Content-Type": "application/json" },
    );
    const answers = new Map((answer.cells ?? []).map((one) => [one.item, one]));
    for (const cell of changed) {
      cell.take(answers.get(cell.item) ?? { ...answer, outcome: answer.outcome ?? "server" });
      cell.preview();
    }
  }

  document.addEventListener("paste", async (event) => {
    const from = document.activeElement;
    const cell = from?.dataset?.field && grid.contains(from) ? cellOf(from) : null;
    const column = COLUMNS.indexOf(from?.dataset?.field);
    const rows = block(event.clipboardData?.getData("text/plain") ?? "");
    if (!cell || column < 0 || (rows.length < 2 && (rows[0]?.length ?? 0) < 2)) return;
    event.preventDefault();
    const start = cells.indexOf(cell);
    const changed = [];
    undo = [];
    for (const [down, row] of rows.entries()) {
      const target = cells[start + down];
      if (!target) break;
      const fields = target.fields();
      const before = { ...fields };
      for (const [right, text] of row.entries()) {
        const name = COLUMNS[column + right];
        if (name) fields[name] = text.trim();
      }
      if (fields.value && !target.derived) fields.unavailable = false;
      if (same(fields, before)) continue;
      undo.push([target, before]);
      target.fill(fields);
      // What has no field in this row is sent along, so that the answer says so.
      target.extra = Object.fromEntries(
        COLUMNS.filter((name) => !target.inputs[name] && fields[name]).map((name) => [
          name,
          fields[name],
        ]),
      );
      changed.push(target);
    }
    if (!changed.length) return;
    await post(changed);
    const bad = changed.filter((one) => one.state !== "saved");
    byId("hoan-tac").hidden = false;
    announce(
      `${told.pasted} ${changed.length - bad.length}` +
        (bad.length ? `, ${told.pastedBad} ${bad.length}` : ""),
    );
    if (bad.length) bad[0].element.scrollIntoView({ block: "center" });
  });

  byId("hoan-tac").addEventListener("click", async () => {
    byId("hoan-tac").hidden = true;
    for (const [cell, before] of undo) {
      cell.fill(before);
      cell.mark({});
    }
    const changed = undo.map(([cell]) => cell).filter((cell) => cell.dirty);
    for (const [cell] of undo) if (!cell.dirty) cell.typed();
    undo = [];
    if (changed.length) await post(changed);
    announce(told.undone);
  });

  byId("o-trong").addEventListener("click", () => {
    const here = cells.indexOf(cellOf(document.activeElement) ?? cells.at(-1));
    const order = [...cells.slice(here + 1), ...cells.slice(0, here + 1)];
    const next = order.find((cell) => !cell.element.classList.contains("filled"));
    if (!next) return;
    next.element.scrollIntoView({ block: "center" });
    (next.inputs.numerator ?? next.inputs.value).focus({ preventScroll: true });
  });

  // Reasons for warnings.
  grid.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches(".reason")) return;
    event.preventDefault();
    const cell = cellOf(form);
    const body = new URLSearchParams(new FormData(form));
    const answer = await send(form.action, body);
    if (answer.findings === undefined) {
      announce(told[answer.outcome] ?? told.server);
      return;
    }
    cell.findings.innerHTML = answer.findings;
    if (answer.sentence) announce(`${cell.name}: ${answer.sentence}`);
    overview();
  });

  // A file may answer a finding: the cell is saved as it is, which tells what is left to look at.
  grid.addEventListener("htmx:afterSwap", (event) => cellOf(event.target)?.save(true));
  for (const problem of ["htmx:responseError", "htmx:sendError"]) {
    grid.addEventListener(problem, (event) => {
      const { status } = event.detail.xhr;
      announce(status === 401 ? told.signin : status ? told.server : told.offline);
    });
  }

  // A form of this page takes the token of now: signing in again has changed it.
  document.addEventListener(
    "submit",
    (event) => {
      const field = event.target.elements?.namedItem("csrfmiddlewaretoken");
      if (field && token()) field.value = token();
    },
    true,
  );

  // Nothing is handed in while a cell is on its way.
  byId("gui")?.addEventListener("submit", async (event) => {
    if (!cells.some((cell) => cell.open)) return;
    event.preventDefault();
    for (const cell of cells) cell.save();
    for (let waited = 0; waited < 50 && cells.some((cell) => cell.sending); waited += 1) {
      await sleep(100);
    }
    const open = cells.find((cell) => cell.open);
    if (!open) {
      event.target.submit();
      return;
    }
    announce(told.wait);
    open.element.scrollIntoView({ block: "center" });
    open.element.focus({ preventScroll: true });
  });

  // Back: the connection, or the person from the sign-in window.
  function again() {
    for (const cell of cells) if (cell.pending && !cell.sending) cell.save();
  }
  addEventListener("online", again);
  addEventListener("focus", again);
  document.addEventListener("visibilitychange", () => document.hidden || again());

  addEventListener("beforeunload", (event) => {
    if (cells.some((cell) => cell.open)) event.preventDefault();
  });

  // What was kept from before, if the report does not hold it by now.
  function offer() {
    const waiting = [];
    for (const [item, one] of Object.entries(kept.all(user, report))) {
      const cell = cells.find((other) => other.item === Number(item));
      if (!cell || same(plain(one.fields), cell.saved)) kept.drop(user, report, item);
      else waiting.push([cell, one]);
    }
    const box = byId("con-giu");
    if (!waiting.length) return;
    const since = new Date(Math.min(...waiting.map(([, one]) => Date.parse(one.at))));
    const title = document.createElement("p");
    title.className = "title";
    title.textContent = `${told.kept} ${since.toLocaleString(document.documentElement.lang, {
      dateStyle: "short",
      timeStyle: "short",
    })}`;
    const names = document.createElement("ul");
    for (const [cell, { fields }] of waiting) {
      const line = document.createElement("li");
      const shown = COLUMNS.map((name) => fields[name]).filter(Boolean).join(" · ");
      line.textContent = `${cell.name}: ${shown || "–"}`;
      names.append(line);
    }
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const button = (text, main, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = `btn${main ? " btn-primary" : ""}`;
      made.textContent = text;
      made.addEventListener("click", () => {
        box.hidden = true;
        for (const [cell, one] of waiting) act(cell, one);
      });
      buttons.append(made);
    };
    button(told.keptUse, true, (cell, { fields, version }) => {
      cell.fill(fields);
      cell.version = version;
      cell.save();
      cell.preview();
    });
    button(told.keptDrop, false, (cell) => kept.drop(user, report, cell.item));
    box.replaceChildren(title, names, buttons);
    box.hidden = false;
  }

  offer();
  overview();
})();
