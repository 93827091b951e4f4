import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Metafile } from 'esbuild';
import type { CopiedFile } from './copy-packages.ts';
import type { ProjectDescription } from './describe-project.ts';
import type { Entry } from './entries.ts';

/** What the project's own modules are called among the packages. */
const OWN_CODE = '(own code)';

/** Bytes of some part of an output. */
export interface Part {
  name: string;
  bytes: number;
}

/** A function or a layer: its bundle with all that it imports, shared code included. */
export interface CodeSize {
  name: string;
  bytes: number;
  gzipBytes: number;
  /** The packages in it, biggest first. */
  packages: Part[];
}

/** What an output weighs. Source maps are not counted: they say where an error was, and nothing else. */
export interface SizeReport {
  functions: CodeSize[];
  layers: CodeSize[];
  /** All bundles, what they share once. */
  code: { files: number; bytes: number; gzipBytes: number };
  copied: { files: number; bytes: number };
  totalBytes: number;
  /** The modules and copied packages that weigh most, biggest first. */
  biggest: Part[];
}

export interface SizeInput {
  project: ProjectDescription;
  entries: readonly Entry[];
  files: ReadonlyMap<string, string>;
  outputs: Metafile['outputs'];
  copied: readonly CopiedFile[];
}

export async function sizeReport({ project, entries, files, outputs, copied }: SizeInput): Promise<SizeReport> {
  const sizes = new Map<string, { bytes: number; gzipBytes: number }>();
  for (const [path, text] of files) {
    if (path.endsWith('.mjs')) {
      const bytes = Buffer.byteLength(text);
      sizes.set(path, { bytes, gzipBytes: (await promisify(gzip)(text)).byteLength });
    }
  }
  const sizeOf = (paths: readonly string[]): { bytes: number; gzipBytes: number } => ({
    bytes: sum(paths.map((path) => sizes.get(path)?.bytes ?? 0)),
    gzipBytes: sum(paths.map((path) => sizes.get(path)?.gzipBytes ?? 0)),
  });
  const codeSize = (name: string, code: string | undefined): CodeSize => {
    const paths = reachable(`${entries.find(({ file }) => file === code)?.output}.mjs`, outputs);
    return { name, ...sizeOf(paths), packages: byPackage(paths, outputs) };
  };
  const code = { files: sizes.size, ...sizeOf([...sizes.keys()]) };
  const copiedParts = copied.map(({ path, from }) => ({ name: groupOf(path) ?? path, bytes: statSync(from).size }));
  const copiedBytes = sum(copiedParts.map(({ bytes }) => bytes));
  return {
    functions: project.functions.map(({ name, code: file }) => codeSize(name, file)),
    layers: project.layers.map(({ name, code: file }) => codeSize(name, file)),
    code,
    copied: { files: copied.length, bytes: copiedBytes },
    totalBytes: code.bytes + copiedBytes,
    biggest: added([...modules(Object.keys(outputs), outputs), ...copiedParts]),
  };
}

/** A bundle and all that it imports, at once or later. */
function reachable(path: string, outputs: Metafile['outputs']): string[] {
  const found = new Set([path]);
  for (const known of found) {
    for (const { path: imported } of outputs[known]?.imports ?? []) if (outputs[imported]) found.add(imported);
  }
  return [...found];
}

function* modules(paths: readonly string[], outputs: Metafile['outputs']): Generator<Part> {
  for (const path of paths) {
    for (const [name, { bytesInOutput: bytes }] of Object.entries(outputs[path]?.inputs ?? {}))
      yield { name: name.replace(/^bottle-place:/, ''), bytes };
  }
}

function byPackage(paths: readonly string[], outputs: Metafile['outputs']): Part[] {
  return added([...modules(paths, outputs)].map(({ name, bytes }) => ({ name: groupOf(name) ?? OWN_CODE, bytes })));
}

/** The package below node_modules that a path leads into. */
function groupOf(path: string): string | undefined {
  return /(?:^|\/)node_modules\/(?!.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
}

/** Parts of the same name as one, biggest first. */
function added(parts: readonly Part[]): Part[] {
  const totals = new Map<string, number>();
  for (const { name, bytes } of parts) totals.set(name, (totals.get(name) ?? 0) + bytes);
  return [...totals]
    .map(([name, bytes]) => ({ name, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
