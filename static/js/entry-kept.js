// Values typed into reports and not yet saved, kept in this browser: by person and report, so that
// nobody is ever shown somebody else's, and gone once saved or when their owner signs out.
"use strict";

globalThis.thuocdo ??= {};

thuocdo.kept = (() => {
  const PREFIX = "thuocdo:entry:";
  const key = (user, report) => `${PREFIX}${user}:${report}`;

  function all(user, report) {
    try {
      return JSON.parse(localStorage.getItem(key(user, report))) ?? {};
    } catch {
      return {}; // no storage, or not ours
    }
  }

  function write(user, report, cells) {
    try {
      if (Object.keys(cells).length) {
        localStorage.setItem(key(user, report), JSON.stringify(cells));
      } else {
        localStorage.removeItem(key(user, report));
      }
    } catch {
      // A full or forbidden storage: the page itself still warns before it is left.
    }
  }

  return {
    all,
    put(user, report, item, fields, version) {
      const at = new Date().toISOString();
      write(user, report, { ...all(user, report), [item]: { fields, version, at } });
    },
    drop(user, report, item) {
      const cells = all(user, report);
      if (!(item in cells)) return;
      delete cells[item];
      write(user, report, cells);
    },
    names(user) {
      try {
        return Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${user}:`));
      } catch {
        return [];
      }
    },
    forget(user) {
      for (const name of this.names(user)) localStorage.removeItem(name);
    },
  };
})();

// The page for signing out names its person, and says so if something would be lost.
for (const form of document.querySelectorAll("form[data-forget]")) {
  const { forget } = form.dataset;
  document.getElementById("con-chua-luu").hidden = thuocdo.kept.names(forget).length === 0;
  form.addEventListener("submit", () => thuocdo.kept.forget(forget));
}
