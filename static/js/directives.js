// Keeps what is being written about a directive until it has been sent, in this tab only: an
// expired session or a refused file costs nobody their text. Without it the forms work as well.
"use strict";

(() => {
  const PREFIX = "draft:";
  const plain = (text) => text.trim().replace(/\s+/g, " ");

  // What stands in the thread has been sent.
  const sent = new Set([...document.querySelectorAll(".td-thread .text")].map((word) => plain(word.innerText)));
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && sent.has(plain(sessionStorage.getItem(key)))) sessionStorage.removeItem(key);
  }

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const field = form.elements.text;
    const key = PREFIX + form.dataset.draft;
    if (!field.value) field.value = sessionStorage.getItem(key) ?? "";
    field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
  }
})();
