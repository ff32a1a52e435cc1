// The queue: tick all, and how many are ticked. Without script each is ticked by hand.
"use strict";

const all = document.getElementById("tat-ca");
const told = document.getElementById("so-chon");
const boxes = [...document.querySelectorAll('.td-queue input[name="report"]')];

function tell() {
  const ticked = boxes.filter((box) => box.checked).length;
  told.textContent = ticked ? `${ticked} ${told.dataset.text}` : "";
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

if (all) {
  all.parentElement.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}
