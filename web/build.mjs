// Builds dist/ from src/: the same bytes on every machine. `node build.mjs FOLDER` builds somewhere else.
// Names carry a hash of the content, so that everything but index.html and config.json may be kept forever. The files of
// the last builds go to previous/ beside it: a tab that is open loads the chart of its own build when it needs one.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2] ?? path.join(here, "dist"));
const previous = path.join(target, "..", "previous");
const KEPT_BUILDS = 3;
const NOT_HASHED = new Set(["index.html", "third-party.txt"]);

/** The hashed files of a folder, by name. */
async function hashedFiles(folder) {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => !NOT_HASHED.has(name) && name !== "builds.json").sort();
  return new Map(await Promise.all(files.map(async (name) => [name, await readFile(path.join(folder, name))])));
}

/** Keeps the files of the build before this one, and forgets those of the oldest. */
async function keepPrevious(before) {
  const now = await hashedFiles(target);
  const list = path.join(previous, "builds.json");
  let builds = JSON.parse(await readFile(list, "utf8").catch(() => "[]"));
  if (before.size && [...before.keys()].join() !== [...now.keys()].join()) builds = [[...before.keys()], ...builds].slice(0, KEPT_BUILDS);
  const files = new Map([...(await hashedFiles(previous)), ...before]);
  const kept = new Set(builds.flat().filter((name) => files.has(name) && !now.has(name)));
  await rm(previous, { recursive: true, force: true });
  await mkdir(previous, { recursive: true });
  for (const name of kept) await writeFile(path.join(previous, name), files.get(name));
  await writeFile(list, `${JSON.stringify(builds, null, 2)}\n`);
}

const before = await hashedFiles(target);

const built = await build({
  absWorkingDir: here,
  entryPoints: { main: "src/main.js", style: "src/style/style.css" },
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  write: false,
});

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const names = {};
for (const file of built.outputFiles) {
  const name = path.basename(file.path);
  const entry = built.metafile.outputs[`dist/${name}`]?.entryPoint;
  if (entry) names[path.basename(entry)] = name;
  await writeFile(path.join(target, name), file.contents);
}

const icon = await readFile(path.join(here, "src/icon.svg"));
names["icon.svg"] = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8)}.svg`;
await writeFile(path.join(target, names["icon.svg"]), icon);

let html = await readFile(path.join(here, "src/index.html"), "utf8");
// What the first script imports is fetched along with it, not after it.
const { imports } = built.metafile.outputs[`dist/${names["main.js"]}`];
const needed = imports.filter(({ kind }) => kind === "import-statement").map((one) => path.basename(one.path));
const preload = needed.map((name) => `    <link rel="modulepreload" href="${name}">\n`).join("");
html = html.replace('    <script type="module"', `${preload}    <script type="module"`);
for (const name of ["style.css", "main.js", "icon.svg"]) html = html.replace(`"${name}"`, `"${names[name]}"`);
await writeFile(path.join(target, "index.html"), html);

const licence = await readFile(path.join(here, "node_modules/uplot/LICENSE"), "utf8");
await writeFile(path.join(target, "third-party.txt"), `uPlot (the chart), https://github.com/leeoniya/uPlot\n\n${licence}`);

await keepPrevious(before);
