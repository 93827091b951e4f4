#!/usr/bin/env node
// `npm create bottle NAME` is `bottle init NAME`. Runs from source in a checkout.
import { existsSync } from 'node:fs';

const source = new URL('../../cli/src/run-init.ts', import.meta.url);
const { runInit } = await import(existsSync(source) ? source.href : new URL('../dist/init.js', import.meta.url).href);
const context = { env: process.env, cwd: process.cwd() };
process.exitCode = await runInit(process.argv.slice(2), 'npm create bottle', context);
