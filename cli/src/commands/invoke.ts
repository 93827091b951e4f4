import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, type CommandContext, parse, UsageError } from '../command.ts';
import { adminAuthorization } from '../admin-client.ts';
import { parseExactJson } from '../exact-json.ts';
import { withDotEnv } from '../dot-env.ts';
import { createFunctionProcess } from '../function-process.ts';
import { Pod } from '../pod.ts';
import { parsePodArguments, projectDirOf } from '../pod-arguments.ts';
import { readData } from '../read-data.ts';

/** What --data may be taken for. */
const KINDS = Object.freeze(['event', 'mq', 'timer', 'cloudevent', 'gateway']);

interface Invocation {
  functionName: string;
  kind: string | undefined;
  data: string | undefined;
  timeoutMs: string | undefined;
  authorization: Readonly<Record<string, string>>;
}

/** How long a pod of its own may take to know its functions, and how often it is asked. */
const KNOWN_MS = 15_000;
const ASK_MS = 20;

/** A pod for one call takes no port that is somebody's, and does nothing by itself. */
const ONE_CALL =
  '--calls-only --port 0 --admin-port 0 --rpc-enabled false --http2-enabled false --metrics-enabled false'.split(' ');

/** `bottle invoke`: one invocation from the shell. */
export const invoke: Command = {
  summary: 'calls a function with an event and prints its result',
  usage: `Usage: bottle invoke <function> [dir] [--data JSON] [--as KIND] [--timeout-ms N] [--admin-port N]

Asks the pod whose admin port answers; when none does, starts one for dir (default: here), just for this call.
  --data JSON      the event; @file reads a file, - reads standard input
  --as KIND        what the data is: event (as it is), mq (the value of a message), timer (the payload of a tick),
                   cloudevent (an event, or its data), gateway (the data of a request that nobody signed); default:
                   that of the function's only trigger, else event
  --timeout-ms N   lowers the function's timeout
  --admin-port N   (BOTTLE_ADMIN_PORT, 9901)
Exit codes: 0 the result is on standard output, 1 the function failed: code and reason are on standard error.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string', short: 'd' },
        as: { type: 'string' },
        'timeout-ms': { type: 'string' },
        'admin-port': { type: 'string' },
      },
    });
    const [functionName, ...directories] = positionals;
    if (functionName === undefined) throw new UsageError('which function? bottle invoke <function>');
    const kind = values.as;
    if (kind !== undefined && !KINDS.includes(kind)) {
      throw new UsageError(`--as is one of ${KINDS.join(', ')}, not ${kind}`);
    }
    const data = await readData(values.data, context);
    const authorization = adminAuthorization(context.env);
    const invocation = { functionName, kind, data, timeoutMs: values['timeout-ms'], authorization };
    const projectDir = projectDirOf(directories, context);
    const named = values['admin-port'] ?? context.env['BOTTLE_ADMIN_PORT'];
    const adminPort = Number(named ?? 9901);
    const owner = await ownerOf(adminPort, invocation);
    if (owner === undefined) return invokeAlone(projectDir, invocation, context);
    if (named === undefined && !isOf(owner, projectDir)) {
      process.stderr.write(
        `bottle: the pod on port ${adminPort} is that of "${owner.service}"${owner.directory ? ` in ${owner.directory}` : ''}: ` +
          'not asked; --admin-port names another one\n',
      );
      return invokeAlone(projectDir, invocation, context);
    }
    return print(await post(adminPort, invocation));
  },
};

/** Whose pod answers on a port. */
interface Owner {
  service: string | null;
  /** Absent where nobody said it: in containers. */
  directory?: string;
}

/** Undefined when no pod answers there. */
async function ownerOf(adminPort: number, { authorization }: Invocation): Promise<Owner | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers: { ...authorization } });
    if (response.status === 401) return { service: 'a pod that wants BOTTLE_ADMIN_TOKEN' };
    const owner = (await response.json()) as Owner;
    return 'service' in owner ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** By directory where it is known, else by the name in the manifest; what is no project is nobody's. */
function isOf({ service, directory }: Owner, projectDir: string): boolean {
  if (directory !== undefined) return sameDirectory(directory, projectDir);
  const file = ['serverless.yml', 'serverless.yaml', 'f.yml'].map((name) => join(projectDir, name)).find(existsSync);
  if (file === undefined) return true;
  const [, own] = /^service:\s*["']?([^\s"'#]+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return own === service;
}

function sameDirectory(one: string, other: string): boolean {
  return existsSync(one) && realpathSync(one) === realpathSync(other);
}

/** Rejects when nobody listens there. */
function post(adminPort: number, invocation: Invocation): Promise<Response> {
  const { functionName, kind, data, timeoutMs, authorization } = invocation;
  const headers: Record<string, string> = { 'content-type': 'application/json', ...authorization };
  if (timeoutMs !== undefined) headers['x-bottle-timeout-ms'] = timeoutMs;
  const url = `http://127.0.0.1:${adminPort}/functions/${encodeURIComponent(functionName)}/invoke`;
  const query = kind === undefined ? '' : `?as=${kind}`;
  return fetch(url + query, { method: 'POST', headers, ...(data === undefined ? {} : { body: data }) });
}

async function print(response: Response): Promise<number> {
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) {
    const { code, reason, detail } = JSON.parse(body.toString()) as Record<string, string>;
    process.stderr.write(`${code} (${reason}): ${detail}\n`);
    return 1;
  }
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (isJson && body.length > 0 && process.stdout.isTTY) {
    process.stdout.write(`${JSON.stringify(parseExactJson(body.toString()), null, 2)}\n`);
  } else {
    process.stdout.write(body);
    if (isJson && body.length > 0) process.stdout.write('\n');
  }
  return 0;
}

/** Until the pod knows its functions: what an event looks like depends on the function's trigger. */
async function untilKnown(adminPort: number, { authorization }: Invocation): Promise<void> {
  const deadline = performance.now() + KNOWN_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers: { ...authorization } });
    if (!response.ok) return; // the call says what is wrong
    const { functions } = (await response.json()) as { functions: unknown[] };
    if (functions.length > 0) return;
    await delay(ASK_MS);
  }
}

async function invokeAlone(projectDir: string, invocation: Invocation, surroundings: CommandContext): Promise<number> {
  const context = withDotEnv(surroundings, projectDir);
  const toStderr = (text: string): void => void process.stderr.write(`${text}\n`);
  const { sidecarArgs, configFile } = parsePodArguments([projectDir], context, {
    host: '127.0.0.1',
    drainPropagationMs: 0,
    lenientGrants: true,
  });
  const pod = await Pod.start({
    projectDir,
    sidecarArgs: () => [...sidecarArgs, ...ONE_CALL, '--drain-propagation-ms', '0'],
    env: () => context.env,
    functionProcess: createFunctionProcess({ projectDir, configFile, context }),
    inspect: undefined,
    develops: false,
    onLine: (_process, { fields, text: line }) => {
      if (Number(fields?.['level'] ?? 0) >= 50 || fields?.['source'] !== undefined) toStderr(line);
    },
    onErrorLine: (_process, line) => toStderr(line),
    onEvent: (_level, message) => toStderr(`bottle: ${message}`),
  });
  const ports = await Promise.race([pod.listening, pod.ended]);
  if (typeof ports === 'number') return ports;
  await untilKnown(ports.adminPort, invocation);
  const code = await print(await post(ports.adminPort, invocation));
  await pod.stop();
  return code;
}
