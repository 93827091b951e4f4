#!/usr/bin/env node
// Runs the CLI from source in a checkout, from the bundle elsewhere. Old versions of Node.js read this file, too.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const released = (name) => new URL(`../dist/${name}.js`, import.meta.url);
const source = new URL('../src/main.ts', import.meta.url);
const isOld = Number(process.versions.node.split('.')[0]) < 24;

if (isOld && process.argv[2] === 'init' && existsSync(released('init'))) {
  const { runInit } = await import(released('init').href); // makes a project that brings its own Node.js
  process.exitCode = await runInit(process.argv.slice(3), 'bottle init', { env: process.env, cwd: process.cwd() });
} else if (isOld) {
  process.stderr.write(
    `bottle: this is Node.js ${process.versions.node}, and 24 or newer is needed: ` +
      '"npm install --save-dev node@26" in the project brings it for npx and npm scripts\n',
  );
  process.exitCode = 64;
} else {
  // Code that is compiled once, for the processes of a pod as well. In the user's own directory: whoever can write there decides what runs.
  const { NODE_COMPILE_CACHE: named, XDG_CACHE_HOME: caches, HOME: home } = process.env;
  const own = caches ? join(caches, 'bottle') : home && join(home, '.cache', 'bottle');
  module.enableCompileCache(named || own || join(tmpdir(), 'node-compile-cache'));
  await import(existsSync(source) ? source.href : released('cli').href);
}
