import { startContainer, whyNoEngine } from './docker-server.ts';
import { assertAccepts, findFreePort } from './endpoint.ts';
import { startLocal } from './local-server.ts';
import type { ServerKind } from './server-kind.ts';
import { ServerUnavailable, type TestServer } from './test-server.ts';

/** How to get a server. */
export interface StartOptions {
  /** Start one even if the environment names one: for tests that kill it. @default false */
  own?: boolean;
  /** Only a process of this machine will do: for servers that find each other by their addresses. @default false */
  local?: boolean;
  /** The port on this machine. @default one that nobody uses */
  port?: number;
}

/**
 * Finds or starts a server: one that the environment names, else one in a container, else one from this machine's
 * programs. Throws ServerUnavailable when none of that works, or the one from the environment does not answer.
 */
export async function findOrStart(kind: ServerKind, options: StartOptions): Promise<TestServer> {
  const address = process.env[kind.variable];
  if (address !== undefined && address !== '' && options.own !== true) return await fromEnvironment(kind, address);

  const reasons: string[] = [];
  const port = options.port ?? (await findFreePort());
  const noEngine = options.local ? 'only a process of this machine will do' : await whyNoEngine();
  if (noEngine !== undefined) reasons.push(`Docker: ${noEngine}`);
  else {
    try {
      return await startContainer(kind, port);
    } catch (error) {
      reasons.push(`Docker: ${(error as Error).message}`);
    }
  }
  try {
    return await startLocal(kind, port);
  } catch (error) {
    reasons.push(`this machine's programs: ${(error as Error).message}`);
  }
  throw new ServerUnavailable(kind.name, [`environment: ${kind.variable} is not set`, ...reasons]);
}

async function fromEnvironment(kind: ServerKind, address: string): Promise<TestServer> {
  try {
    const endpoint = kind.endpointOf(address);
    if (endpoint === undefined) throw new Error('it has no host and port');
    await assertAccepts(endpoint);
  } catch (error) {
    // It may hold a password: the message names the variable only.
    throw new ServerUnavailable(kind.name, [`environment: ${kind.variable}: ${(error as Error).message}`]);
  }
  const refuse = async (): Promise<never> => {
    throw new Error(`the ${kind.name} that ${kind.variable} names is not ours to stop; start one with { own: true }`);
  };
  return {
    address,
    source: 'environment',
    kill: refuse,
    pause: refuse,
    resume: refuse,
    restart: refuse,
    stop: () => Promise.resolve(),
  };
}
