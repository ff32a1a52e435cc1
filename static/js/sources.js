// Values that wait: tick a whole group, how many are ticked, one decision at a time. Without
// script each is ticked by hand.
"use strict";

const form = document.querySelector(".td-review-held");

if (form) {
  const told = document.getElementById("so-chon");
  const every = form.elements.namedItem("all");
  const boxes = [...form.querySelectorAll('input[name="value"]')];
  const groups = [...form.querySelectorAll("input[data-all]")];

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    told.textContent = every?.checked ? told.dataset.every : `${ticked} ${told.dataset.text}`;
    for (const box of boxes) box.disabled = Boolean(every?.checked);
    for (const group of groups) {
      const own = boxes.filter((box) => box.dataset.group === group.dataset.all);
      const count = own.filter((box) => box.checked).length;
      group.checked = count === own.length;
      group.indeterminate = count > 0 && count < own.length;
      group.disabled = Boolean(every?.checked);
    }
  };

  for (const group of groups) {
    group.parentElement.hidden = false;
    group.addEventListener("change", () => {
      for (const box of boxes) if (box.dataset.group === group.dataset.all) box.checked = group.checked;
      tell();
    });
  }
  for (const box of boxes) box.addEventListener("change", tell);
  every?.addEventListener("change", tell);
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // The page may come back out of the browser's memory.
  window.addEventListener("pageshow", () => {
    sent = false;
    tell();
  });
  document.getElementById("tu-choi")?.focus();
}
