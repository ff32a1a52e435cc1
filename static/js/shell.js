// Small comforts of the frame; everything works without them.
"use strict";

(() => {
  // Panels close on Escape, giving the focus back, and on a click elsewhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll(".td-pop[open], .td-menu[open]")) {
      open.open = false;
      if (open.contains(document.activeElement)) open.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".td-pop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  // The theme changes at once; the form's own way (a POST and a reload) stays for the rest.
  document.addEventListener("submit", (event) => {
    const theme = event.submitter?.name === "theme" && event.submitter.value;
    if (!theme || !event.target.matches(".td-theme-form")) return;
    event.preventDefault();
    const safe = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${safe}`;
    document.documentElement.dataset.bsTheme = theme;
    for (const button of document.querySelectorAll(".td-theme-form button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
    document.dispatchEvent(new CustomEvent("td:theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("td:theme"));
  });
})();
