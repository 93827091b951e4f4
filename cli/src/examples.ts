import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CheckedFunction } from './function-table.ts';

const MOST_SHOWN = 6;
const PLACE_IN_EXAMPLES = /(http:\/\/)?localhost:8080\b/g;
const RPC_PORT_IN_EXAMPLES = /localhost:9090\b/g;
/** Commands that ask a running pod, at the admin port. */
const ASKS_THE_POD = /\bbottle (?:invoke|resources|config|switch|timer|mq|dlq)\b/;
const DEFAULT_ADMIN_PORT = 9901;

/** Where the pod listens. */
export interface ExamplePlaces {
  port: number;
  adminPort: number;
  rpcPort: number | undefined;
  scheme: 'http' | 'https';
}

/**
 * Lines to paste into a shell: those the project gives under `custom.examples` in its serverless.yml, or a curl for the
 * first GET routes and a grpcurl for the first gRPC method.
 */
export async function examplesOf(
  projectDir: string,
  functions: readonly CheckedFunction[],
  { port, adminPort, rpcPort, scheme }: ExamplePlaces,
): Promise<string[]> {
  const given = await givenExamples(projectDir);
  if (given.length > 0) {
    const flag = adminPort === DEFAULT_ADMIN_PORT ? '' : ` --admin-port ${adminPort}`;
    const place = (prefix = ''): string => `${prefix || scheme === 'https' ? `${scheme}://` : ''}localhost:${port}`;
    return given.map((line) => {
      const placed = line
        .replace(PLACE_IN_EXAMPLES, (_whole, prefix?: string) => place(prefix))
        .replace(RPC_PORT_IN_EXAMPLES, `localhost:${rpcPort ?? 9090}`);
      return ASKS_THE_POD.test(line) && !line.includes('--admin-port') ? `${placed}${flag}` : placed;
    });
  }
  const calls = functions
    .flatMap(({ rpc }) => rpc)
    .filter(({ requestStream }) => !requestStream)
    .slice(0, rpcPort === undefined ? 0 : 1)
    .map(({ service, method }) => `grpcurl -plaintext -d '{}' localhost:${rpcPort} ${service}/${method}`);
  const requests = functions
    .flatMap(({ http }) => http)
    .filter(({ methods, host }) => host === undefined && (methods.includes('GET') || methods.includes('ANY')))
    .slice(0, MOST_SHOWN)
    .map(({ path }) => `curl ${scheme}://localhost:${port}${path.replace(/:\w+/g, '1').replace('*', '')}`);
  return [...requests, ...calls];
}

async function givenExamples(projectDir: string): Promise<string[]> {
  const text = await readFile(join(projectDir, 'serverless.yml'), 'utf8').catch(() => '');
  const { custom } = (parse(text) ?? {}) as { custom?: { examples?: unknown } };
  return Array.isArray(custom?.examples)
    ? custom.examples.filter((line): line is string => typeof line === 'string')
    : [];
}
