import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { getContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import type { Endpoint } from './endpoint.ts';
import { reportProgress } from './progress.ts';
import type { ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';
import { untilReady } from './until-ready.ts';

/** Why no Docker engine can be used; undefined when one answers. Takes 2 seconds at most. */
export async function whyNoEngine(): Promise<string | undefined> {
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && host !== '') {
    // Other schemes (ssh, npipe) are for the client library to try.
    if (host.startsWith('unix://')) return await whyNoAnswer({ socketPath: host.slice('unix://'.length) });
    if (host.startsWith('tcp://') && !process.env['DOCKER_TLS_VERIFY']) {
      const { hostname, port } = new URL(host);
      return await whyNoAnswer({ host: hostname, port: Number(port || 2375) });
    }
    return undefined;
  }
  const sockets = ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock')];
  const runtimeDirectory = process.env['XDG_RUNTIME_DIR'];
  if (runtimeDirectory) sockets.push(join(runtimeDirectory, 'docker.sock'));
  const socketPath = sockets.find((path) => existsSync(path));
  return socketPath === undefined ? 'no engine runs here' : await whyNoAnswer({ socketPath });
}

function whyNoAnswer(engine: { socketPath: string } | { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const ping = request({ ...engine, path: '/_ping', agent: false, signal: AbortSignal.timeout(2000) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `the engine answers with ${response.statusCode}`);
    });
    ping.on('error', (error) => resolve(`the engine does not answer: ${error.message}`));
    ping.end();
  });
}

type Runtime = Awaited<ReturnType<typeof getContainerRuntimeClient>>;
type Container = ReturnType<Runtime['container']['getById']>;

/**
 * Starts a server in a container that is reached at `port`. When this process ends without stopping it, the library's
 * own watching container ends it.
 */
export async function startContainer(kind: ServerKind, port: number): Promise<TestServer> {
  // Loaded only where there is an engine: it takes half a second.
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const runtime = await getContainerRuntimeClient();
  const endpoint = { host: runtime.info.containerRuntime.host, port };
  const spec = kind.container(endpoint);
  reportProgress(`starting ${kind.name} in a container (${spec.image})`);
  const container = new GenericContainer(spec.image)
    // A port that is named stays the same when the container starts again.
    .withExposedPorts({ container: spec.port, host: port })
    .withEnvironment(spec.environment ?? {})
    .withStartupTimeout(kind.startTimeoutMs);
  if (spec.command !== undefined) container.withCommand(spec.command);
  const started = await container.start();
  const server = new DockerServer(kind, endpoint, { started, handle: runtime.container.getById(started.getId()) });
  try {
    await untilReady(kind, endpoint);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class DockerServer implements TestServer {
  readonly source = 'docker';
  readonly address: string;
  readonly #kind: ServerKind;
  readonly #endpoint: Endpoint;
  readonly #container: { started: StartedTestContainer; handle: Container };
  #stopped = false;

  constructor(kind: ServerKind, endpoint: Endpoint, container: { started: StartedTestContainer; handle: Container }) {
    this.#kind = kind;
    this.#endpoint = endpoint;
    this.#container = container;
    this.address = kind.addressOf(endpoint);
  }

  async kill(): Promise<void> {
    const { handle } = this.#container;
    const { State } = await handle.inspect();
    // An engine may refuse to kill a paused container.
    if (State.Paused) await handle.unpause();
    if (!State.Running) return;
    const ended = handle.wait();
    await handle.kill();
    await ended;
  }

  async pause(): Promise<void> {
    await this.#container.handle.pause();
  }

  async resume(): Promise<void> {
    await this.#container.handle.unpause();
  }

  async restart(): Promise<void> {
    if (this.#stopped) throw new Error(`this ${this.#kind.name} was stopped and its data removed`);
    await this.kill();
    await this.#container.handle.start();
    await untilReady(this.#kind, this.#endpoint);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.kill();
    await this.#container.started.stop({ timeout: 0, remove: true, removeVolumes: true });
  }
}
