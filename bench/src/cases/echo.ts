import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, program } from '../variants/variant.ts';
import { runHttpLoad } from './http-load.ts';

const ECHO_PROJECT = fileURLToPath(new URL('../../functions/echo', import.meta.url));
const SMALL_BODY = '{"name":"bottle","count":42,"tags":["a","b"],"ok":true,"x":1}';
const ROUTES = 1_000;

const VARIANTS = {
  pod: pod(ECHO_PROJECT),
  direct: program('direct-server'),
  'reverse-proxy': program('proxied-server', 'reverse-proxy'),
};

export function runEcho(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const variants = { ...VARIANTS, unary: pod(ECHO_PROJECT, ['--channel-batching', 'false']) };
  return runHttpLoad(
    { name: 'echo', variants, connections: [1, 32, 256], path: '/echo', body: SMALL_BODY },
    options,
    processes,
  );
}

export function runPayload(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const body = JSON.stringify({ text: 'x'.repeat(100 * 1024 - 11) });
  return runHttpLoad(
    { name: 'payload-100k', variants: VARIANTS, connections: [32], path: '/echo', body },
    options,
    processes,
  );
}

/** A thousand routes with a parameter each; one in the middle is asked for. `one-route` is the same with one. */
export function runRoutes(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const variants = { pod: pod(routesProject(processes, ROUTES)), 'one-route': pod(routesProject(processes, 1)) };
  return runHttpLoad(
    { name: 'routes-1000', variants, connections: [32], path: '/route/0/items/42', body: SMALL_BODY },
    options,
    processes,
  );
}

function routesProject(processes: Processes, routes: number): string {
  const directory = processes.directory();
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'src/echo.mjs'), 'export const echo = async (_ctx, event) => event;\n');
  const functions = Array.from({ length: routes }, (_, index) =>
    [
      `  echo${index}:`,
      '    handler: src/echo.echo',
      '    events:',
      `      - http: { path: '/route/${index}/items/:id', method: post }`,
    ].join('\n'),
  );
  writeFileSync(join(directory, 'serverless.yml'), `service: routes\nfunctions:\n${functions.join('\n')}\n`);
  return directory;
}
