// What the entry grid says to the server, and what came of it.
"use strict";

globalThis.thuocdo ??= {};

thuocdo.talk = (grid) => {
  const PATIENCE = 20_000;

  function token() {
    return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  }

  function ask(address, body, headers = {}) {
    return fetch(address, {
      method: body ? "POST" : "GET",
      body,
      headers: {
        Accept: "application/json",
        "X-Requested-With": "XMLHttpRequest",
        ...(body ? { "X-CSRFToken": token() } : {}),
        ...headers,
      },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
  }

  // What became of a request: an answer, or the name of what was in the way.
  async function send(address, body, headers, again = true) {
    let response;
    try {
      response = await ask(address, body, headers);
    } catch {
      return { outcome: "offline" };
    }
    if (response.status === 401 || response.type === "opaqueredirect") {
      return { outcome: "signin", address: response.headers.get("X-Sign-In") };
    }
    if (response.status === 403 && again && (await stillOpen())) {
      return send(address, body, headers, false);
    }
    if (response.status === 403 || response.status === 404) return { outcome: "closed" };
    if (!response.ok) return { outcome: "server" };
    try {
      return await response.json();
    } catch {
      return { outcome: "server" };
    }
  }

  // A fresh token, and whether the report can still be filled in by this person.
  async function stillOpen() {
    try {
      const page = await (await ask(location.pathname)).text();
      const shown = new DOMParser().parseFromString(page, "text/html").getElementById("bang");
      return shown?.dataset.editable === "yes" && shown.dataset.user === grid.dataset.user;
    } catch {
      return false;
    }
  }

  return { token, send };
};
