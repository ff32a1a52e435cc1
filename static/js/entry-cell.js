// One cell of the entry grid: its fields, what was saved of them, what is on its way, what it says.
//
// `saved` is what the server is known to hold; `pending` was sent and not answered yet. `desk` is
// what cells share: who and which report, the texts, `send`, and `announce` and `overview` of the bar.
"use strict";

globalThis.thuocdo ??= {};

(() => {
  const COLUMNS = ["numerator", "denominator", "value", "note"];
  const TYPING = 200; // ms of rest before what is typed is looked at
  const RETRY = [1, 2, 4, 8, 15, 30]; // seconds

  const plain = ({ value, numerator, denominator, note, unavailable }) => ({
    value: numerator || denominator ? "" : value,
    numerator,
    denominator,
    note,
    unavailable,
  });
  const same = (one, other) =>
    COLUMNS.every((name) => one[name] === other[name]) && one.unavailable === other.unavailable;

  class Cell {
    constructor(element, desk) {
      this.desk = desk;
      this.element = element;
      this.item = Number(element.dataset.item);
      this.version = Number(element.dataset.version);
      this.name = element.querySelector("h3").textContent;
      this.inputs = Object.fromEntries(
        [...element.querySelectorAll("[data-field]")].map((input) => [input.dataset.field, input]),
      );
      this.derived = Boolean(this.inputs.value?.dataset.derived !== undefined);
      this.line = element.querySelector(".state");
      this.understood = element.querySelector(".read");
      this.means = element.querySelector(".means");
      this.choice = element.querySelector(".choose");
      this.findings = element.querySelector(".td-findings");
      this.state = "";
      this.tries = 0;
      this.pending = null; // what was sent and not answered
      this.sending = null; // the fields as they were when it was sent
      this.extra = {};
      this.follow();
      this.saved = this.fields();
    }

    fields() {
      const { value, numerator, denominator, note, unavailable } = this.inputs;
      const halves = Boolean(numerator?.value.trim() || denominator?.value.trim());
      return {
        value: halves ? "" : value.value.trim(),
        numerator: numerator?.value.trim() ?? "",
        denominator: denominator?.value.trim() ?? "",
        note: note.value.trim(),
        unavailable: unavailable.checked,
      };
    }

    fill(fields) {
      for (const name of COLUMNS) {
        const input = this.inputs[name];
        if (!input) continue;
        const text = fields[name] ?? "";
        if (input.tagName === "SELECT" && ![...input.options].some((one) => one.value === text)) {
          input.add(new Option(text, text));
        }
        input.value = text;
      }
      this.inputs.unavailable.checked = Boolean(fields.unavailable);
      this.follow();
    }

    // The value of a ratio follows from its halves; numbers rest where there are none.
    follow() {
      const { value, numerator, denominator, unavailable } = this.inputs;
      this.element.classList.toggle("absent", unavailable.checked);
      if (!this.derived) return;
      const halves = Boolean(numerator.value.trim() || denominator.value.trim());
      if (value.readOnly && !halves) value.value = "";
      value.readOnly = halves;
    }

    get dirty() {
      return !same(this.fields(), this.saved);
    }

    get open() {
      return this.dirty || Boolean(this.pending);
    }

    say(state, sentence) {
      this.state = state;
      this.line.className = `state ${state}`;
      this.line.textContent = sentence;
      if (state === "refused" || state === "conflict") this.desk.announce(`${this.name}: ${sentence}`);
      this.desk.overview();
    }

    keep() {
      if (this.open) thuocdo.kept.put(this.desk.user, this.desk.report, this.item, this.fields(), this.version);
      else thuocdo.kept.drop(this.desk.user, this.desk.report, this.item);
    }

    typed() {
      this.follow();
      this.keep();
      if (this.dirty) {
        if (!["saving", "conflict", "offline", "signin"].includes(this.state)) {
          this.say("typing", this.desk.told.typing);
        }
      } else if (this.state === "typing" || this.state === "refused") {
        this.mark({});
        this.say("", this.told ?? "");
      }
      clearTimeout(this.look);
      this.look = setTimeout(() => this.preview(), TYPING);
    }

    async preview() {
      const { value, numerator, denominator, note, unavailable } = this.fields();
      const asked = new URLSearchParams({ value, numerator, denominator, note });
      if (unavailable) asked.set("unavailable", "on");
      const query = asked.toString();
      if (query === this.asked) return;
      this.asked = query;
      const seen = await this.desk.send(`${this.element.dataset.preview}?${query}`);
      if (this.asked !== query || !("means" in seen)) return;
      this.show(seen.understood, seen.ambiguous);
      if (this.inputs.value.readOnly) this.inputs.value.value = seen.value;
      this.means.innerHTML = seen.means;
    }

    show(understood, ambiguous = []) {
      const { numerator, denominator, value } = understood ?? {};
      const halves = [numerator, denominator].filter(Boolean).join(" / ");
      const words = [halves, value].filter(Boolean).join(" = ");
      this.understood.className = `read note${ambiguous.length ? " ambiguous" : ""}`;
      this.understood.textContent = words ? `${this.desk.told.understood} ${words}` : "";
    }

    mark(problems) {
      for (const name of COLUMNS) {
        const input = this.inputs[name];
        if (!input) continue;
        if (problems[name]) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    }

    // Saves one after the other. What was sent without an answer is sent again as it was: it may
    // have been kept, and then says so.
    async save(asItIs = false) {
      clearTimeout(this.later);
      if (this.sending || this.state === "conflict") return;
      if (!this.pending && !this.dirty && !asItIs) return;
      this.pending ??= { ...this.fields(), version: this.version };
      this.sending = this.fields();
      this.say("saving", this.desk.told.saving);
      const { unavailable, ...texts } = this.pending;
      const body = new URLSearchParams({ ...texts, user: this.desk.user });
      if (unavailable) body.set("unavailable", "on");
      const answer = await this.desk.send(this.element.dataset.save, body);
      this.take(answer);
    }

    take(answer) {
      const sent = this.pending;
      const then = this.sending;
      this.sending = null;
      if (["offline", "server", "signin", "other_user"].includes(answer.outcome)) {
        this.wait(answer);
        return;
      }
      this.pending = null;
      this.tries = 0;
      this.mark(answer.problems ?? {});
      if (answer.understood) this.show(answer.understood, answer.ambiguous);
      if (answer.outcome === "closed") this.say("closed", this.desk.told.closed);
      else if (answer.outcome === "refused") this.say("refused", answer.sentence);
      else if (answer.outcome === "conflict") this.differ(answer);
      else this.settle(answer, sent);
      this.keep();
      this.desk.overview();
      // What was typed meanwhile follows, unless somebody is still typing it.
      if (!this.dirty || ["conflict", "closed"].includes(this.state)) return;
      if (this.state !== "refused" || !same(this.fields(), then)) {
        const field = this.element.contains(document.activeElement)
          ? document.activeElement.dataset.field
          : "";
        if (field && this.fields()[field] !== this.saved[field]) this.say("typing", this.desk.told.typing);
        else this.save();
      }
    }

    settle(answer, sent) {
      const { version, ...fields } = sent;
      this.version = answer.version;
      this.saved = fields;
      this.told = answer.sentence;
      this.say("saved", answer.sentence);
      if (this.inputs.value.readOnly) this.inputs.value.value = answer.texts.value;
      this.element.classList.toggle("filled", answer.filled);
      this.findings.innerHTML = answer.findings;
    }

    wait(answer) {
      if (answer.outcome === "signin" || answer.outcome === "other_user") {
        this.say("signin", `${answer.sentence ?? this.desk.told.signin} `);
        const link = document.createElement("a");
        link.href = answer.address ?? `/tai-khoan/login/?next=${location.pathname}`;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = this.desk.told.signinLink;
        this.line.append(link);
        this.desk.announce(`${this.name}: ${this.line.textContent}`);
      } else {
        this.say("offline", answer.outcome === "server" ? this.desk.told.server : this.desk.told.offline);
      }
      this.keep();
      const seconds = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.later = setTimeout(() => this.save(), seconds * 1000 * (0.8 + Math.random() * 0.4));
    }

    differ(answer) {
      this.say("conflict", answer.sentence);
      const choose = (text, act) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn";
        button.textContent = text;
        button.addEventListener("click", () => {
          this.choice.hidden = true;
          this.choice.replaceChildren();
          this.version = answer.version;
          this.state = "";
          act();
          (this.inputs.numerator ?? this.inputs.value).focus();
        });
        return button;
      };
      const buttons = document.createElement("div");
      buttons.className = "buttons";
      buttons.append(
        choose(this.desk.told.mine, () => {
          this.saved = plain(answer.theirs);
          this.save();
        }),
        choose(this.desk.told.theirs, () => {
          this.fill(answer.theirs);
          this.saved = this.fields();
          this.told = "";
          this.say("", "");
          this.keep();
          this.preview();
          this.desk.overview();
        }),
      );
      this.choice.replaceChildren(buttons);
      this.choice.hidden = false;
    }

    restore() {
      this.fill(this.saved);
      this.mark({});
      this.typed();
    }
  }

  Object.assign(thuocdo, { Cell, COLUMNS, same, plain });
})();
