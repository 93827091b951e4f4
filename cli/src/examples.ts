import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CheckedFunction } from './function-table.ts';

const MOST_SHOWN = 6;
const PLACE_IN_EXAMPLES = /http:\/\/localhost:8080\b/g;
const PORT_IN_EXAMPLES = /localhost:8080\b/g;
const RPC_PORT_IN_EXAMPLES = /localhost:9090\b/g;

/**
 * Lines to paste into a shell: those the project gives under `custom.examples` in its serverless.yml, or a curl for the
 * first GET routes and a grpcurl for the first gRPC method.
 */
export async function examplesOf(
  projectDir: string,
  functions: readonly CheckedFunction[],
  { port, rpcPort, scheme }: { port: number; rpcPort: number | undefined; scheme: 'http' | 'https' },
): Promise<string[]> {
  const given = await givenExamples(projectDir);
  if (given.length > 0) {
    return given.map((line) =>
      line
        .replace(PLACE_IN_EXAMPLES, `${scheme}://localhost:${port}`)
        .replace(PORT_IN_EXAMPLES, `localhost:${port}`)
        .replace(RPC_PORT_IN_EXAMPLES, `localhost:${rpcPort ?? 9090}`),
    );
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
