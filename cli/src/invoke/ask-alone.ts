import { setTimeout as delay } from 'node:timers/promises';
import { adminAuthorization } from '../admin-client.ts';
import type { CommandContext } from '../command.ts';
import { withDotEnv } from '../dot-env.ts';
import { createFunctionProcess } from '../function-process.ts';
import { Pod } from '../pod.ts';
import { parsePodArguments } from '../pod-arguments.ts';

/** How long a pod of its own may take to know its functions, and how often it is asked. */
const KNOWN_MS = 15_000;
const ASK_MS = 20;

/** A pod for one call takes no port that is somebody's, and does nothing by itself. */
const ONE_CALL =
  '--calls-only --port 0 --admin-port 0 --rpc-enabled false --http2-enabled false --metrics-enabled false'.split(' ');

/** Asks a pod that is started for this alone. Returns the exit code: the answer's, or the pod's when it cannot run. */
export async function askAlone(
  projectDir: string,
  surroundings: CommandContext,
  ask: (adminPort: number, authorization: Readonly<Record<string, string>>) => Promise<number>,
): Promise<number> {
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
  try {
    const authorization = adminAuthorization(context.env);
    await untilKnown(ports.adminPort, authorization);
    return await ask(ports.adminPort, authorization);
  } catch (error) {
    await pod.stop();
    const ended = await pod.ended; // its own code, when it could not run
    if (ended !== 0) return ended;
    throw error;
  } finally {
    await pod.stop();
  }
}

/** Until the pod has heard of its functions, however long the project takes to load. */
async function untilKnown(adminPort: number, authorization: Readonly<Record<string, string>>): Promise<void> {
  const deadline = performance.now() + KNOWN_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers: { ...authorization } });
    if (!response.ok) break; // the call says what is wrong
    const { service } = (await response.json()) as { service: string | null };
    if (service !== null) break;
    await delay(ASK_MS);
  }
}
