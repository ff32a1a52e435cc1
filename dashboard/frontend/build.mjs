// Copies and compiles the browser files of package.json into static/vendor/. Run by `npm run build`.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const modules = join(root, "node_modules");
const vendor = join(root, "static/vendor");

const FONT = "be-vietnam-pro";
const FONT_WEIGHTS = [400, 500, 600];
const FONT_SUBSETS = ["vietnamese", "latin"];

/** A file of a package, as text. */
const packaged = (path) => readFile(join(modules, path), "utf8");

/** Source maps are not shipped: a reference to one would be a missing file. */
const withoutSourceMap = (text) => text.replace(/^\/[/*][#@] sourceMappingURL=.*$/gm, "");

/**
 * Plotly's own style rules as a stylesheet, for pages whose policy forbids styles made by scripts.
 * They are taken from the very bundle that is served: the package that ships them as a file
 * brings 160 MB of others along.
 */
function plotlyStyles(bundle) {
  const start = bundle.indexOf('{"X,X div":');
  if (start < 0) throw new Error("Plotly's style rules are not where they were; see build.mjs");
  const rules = vm.runInNewContext(`(${bundle.slice(start, bundle.indexOf("}", start) + 1)})`);
  return Object.entries(rules)
    .map(([selector, style]) => {
      const full = selector
        .replace(/^,/, " ,")
        .replace(/X/g, ".js-plotly-plot .plotly")
        .replace(/Y/g, ".plotly-notifier");
      return `${full}{${style}}`;
    })
    .join("\n");
}

/** The font files, and the rules that name them with the letters that each one has. */
async function buildFonts() {
  await mkdir(join(vendor, "fonts"));
  const rules = [];
  for (const weight of FONT_WEIGHTS) {
    const all = (await packaged(`@fontsource/${FONT}/${weight}.css`)).match(/@font-face\s*{[^}]*}/g);
    for (const subset of FONT_SUBSETS) {
      const name = `${FONT}-${subset}-${weight}-normal.woff2`;
      const rule = all.find((text) => text.includes(`/${name}`));
      if (!rule) throw new Error(`no rule for ${name}`);
      rules.push(rule.replace(/src:[^;]*;/, `src: url("fonts/${name}") format("woff2");`));
      await copyFile(join(modules, "@fontsource", FONT, "files", name), join(vendor, "fonts", name));
    }
  }
  await writeFile(join(vendor, "fonts.css"), rules.join("\n"));
}

async function buildPlotly() {
  const bundle = await packaged("plotly.js-cartesian-dist-min/plotly-cartesian.min.js");
  await writeFile(join(vendor, "plotly.min.js"), withoutSourceMap(bundle));
  await writeFile(join(vendor, "plotly.css"), plotlyStyles(bundle));
}

async function buildTabler() {
  const result = sass.compile(join(here, "tabler.scss"), {
    style: "compressed",
    loadPaths: [modules],
    quietDeps: true,
  });
  await writeFile(join(vendor, "tabler.min.css"), result.css);
}

async function buildHtmx() {
  await writeFile(
    join(vendor, "htmx.min.js"),
    withoutSourceMap(await packaged("htmx.org/dist/htmx.min.js")),
  );
}

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await Promise.all([buildFonts(), buildPlotly(), buildTabler(), buildHtmx()]);
