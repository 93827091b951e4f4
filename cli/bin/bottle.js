#!/usr/bin/env node
// Runs the CLI from source in a checkout, from the build elsewhere.
import { existsSync } from 'node:fs';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(`bottle needs Node.js 24 or newer; this is ${process.versions.node}\n`);
  process.exit(64);
}
const source = new URL('../src/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
