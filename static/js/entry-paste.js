// A block from a spreadsheet as rows of cells: tabs and line ends, quotes around what holds them.
"use strict";

globalThis.thuocdo ??= {};

thuocdo.block = (text) => {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  const end = () => {
    row.push(cell);
    cell = "";
  };
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') {
        cell += sign;
        i += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") end();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[i + 1] === "\n") i += 1;
      end();
      rows.push(row);
      row = [];
    } else cell += sign;
  }
  if (cell !== "" || row.length) {
    end();
    rows.push(row);
  }
  return rows;
};
