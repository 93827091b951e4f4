// The composition root of the function container: RuntimeStart → FunctionStart → (Invoke)* → Close.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Abilities,
  DEFAULT_BODY_THRESHOLD_BYTES,
  type KnownSecrets,
  loadServices,
  type LongestTurns,
  PROTOCOL,
  reportError,
} from '@bottle/protos';
import { type Layer, runInScope, type RuntimeInfo } from 'bottle-sdk';
import type { Logger } from 'pino';
import { BottleLink } from './bottle/bottle-link.ts';
import { RuntimeProcessScope } from './bottle/process-scope.ts';
import { Invoker } from './invoke/invoker.ts';
import { TemporaryDirectory } from './invoke/temporary-directory.ts';
import { HealthWatch } from './lifecycle/health-watch.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { FunctionRegistry } from './load/function-registry.ts';
import { handlerCandidates, layerCandidates, loadLayer, LOADER_URL } from './load/load-handler.ts';
import type { LoadedFiles } from './load/loaded-files.ts';
import { registerResolveHooks } from './load/resolve-hooks.ts';
import type { Manifest } from './manifest/manifest.ts';
import { captureOutput } from './observe/capture-output.ts';
import { LeftOutValues } from './observe/left-out-values.ts';
import { handleStrayErrors } from './observe/stray-errors.ts';
import { StuckInvocations } from './watchdog/stuck-invocations.ts';
import { startRuntimeServer, type RuntimeServer } from './serve/runtime-server.ts';

const RESTART_BACKOFF_MIN_MS = 500;
const RESTART_BACKOFF_MAX_MS = 30_000;
/** Longest wait for invocations under way when the container stops. The sidecar has drained before, as a rule. */
const CLOSE_TIMEOUT_MS = 30_000;
/** For calls that were written before the sidecar read the goodbye. */
const GOODBYE_MS = 100;
const STUCK_INTERVAL_MS = 500;

export interface RuntimeOptions {
  turns: LongestTurns;
  /** What functions are given, and nobody else may see. */
  secrets: KnownSecrets;
  /** Lines that found no room in the log, since the start. */
  droppedLogLines(): number;
  manifest: Manifest;
  projectDir: string;
  socketDir: string;
  /** There is no sidecar, and none will come. @default false */
  isAlone?: boolean | undefined;
  env: Readonly<Record<string, string | undefined>>;
  log: Logger;
  software: string;
  /** Whether errors leave with what their developer wants to see: message, stack, source. */
  develop: boolean;
  /** Gets to know what is loaded. */
  files: LoadedFiles;
  /** A sidecar sends new invocations here from now on. */
  onConnected(): void;
  /** An invocation has begun, or ended. */
  onProgress(): void;
  /** Longest a hook outside invocations may take. @default 10 s */
  hookTimeoutMs?: number | undefined;
  /** Code that goes on for so long after it was given up is stuck, in milliseconds; 0: never. */
  stuckMs: number;
  /** Stuck code has all places of a function: the process cannot serve it any more. */
  onLost(): void;
}

export interface Runtime {
  readonly registry: FunctionRegistry;
  /** One attempt at everything: hooks, layers, functions. Rejects when the runtime itself cannot start. */
  load(): Promise<void>;
  /** One attempt at every function, without layers and what they hook in. */
  loadFunctions(): Promise<void>;
  /** Binds the socket: invocations may come. */
  serve(): Promise<void>;
  /** Keeps trying what failed, with backoff. */
  keepTrying(startFailed: boolean): void;
  close(): Promise<void>;
}

export function createRuntime(options: RuntimeOptions): Runtime {
  const { manifest, projectDir, socketDir, env, log, software, files, onProgress, stuckMs, onLost, secrets } = options;
  const services = loadServices();
  const abilities: Abilities = {
    ...PROTOCOL,
    software,
    bodyThresholdBytes: DEFAULT_BODY_THRESHOLD_BYTES,
    instanceId: randomUUID(),
  };
  const info: RuntimeInfo = {
    service: manifest.service,
    projectDir,
    functions: manifest.functions.map(({ name }) => name),
    logger: log,
  };
  const explain = options.develop
    ? (thrown: unknown) => secrets.maskData(reportError(thrown, secrets.mask))
    : undefined;
  let server: RuntimeServer | undefined;
  let stuckTimer: NodeJS.Timeout | undefined;
  let closing = false;
  const lifecycle = new Lifecycle(options.hookTimeoutMs);
  const health = new HealthWatch({
    checks: () => lifecycle.healthChecks,
    onChange: (isHealthy) => server?.setHealthy(isHealthy),
    logger: log,
    timeoutMs: options.hookTimeoutMs,
  });
  const registry = new FunctionRegistry({
    manifest,
    projectDir,
    lifecycle,
    runtime: info,
    env,
    logger: log,
    explain,
    mask: secrets.mask,
    onChange: () => server?.announce(),
  });
  const bottleLink = new BottleLink({
    services,
    socketDir,
    abilities,
    table: () => registry.table(),
    isAlone: options.isAlone,
    logger: log,
  });
  const leftOut = new LeftOutValues(log);
  const processScope = new RuntimeProcessScope(bottleLink, { projectDir, secrets, leftOut });
  const temporaryDirectory = new TemporaryDirectory();
  const invoker = new Invoker({
    registry,
    lifecycle,
    logger: log,
    onProgress,
    explain,
    secrets,
    turns: options.turns,
    services: {
      logger: (fields) => log.child(fields),
      link: bottleLink,
      process: processScope,
      temporaryDirectory,
    },
  });
  files.addRoot(LOADER_URL);
  const stuck = new StuckInvocations({
    givenUp: () => invoker.givenUp,
    concurrencyOf: (name) => registry.concurrencyOf(name),
    stuckMs,
    logger: log,
    onLost,
  });
  registerResolveHooks(projectDir, files);
  const candidates = [
    ...manifest.functions.flatMap(({ handler }) => handlerCandidates(projectDir, handler)),
    ...manifest.layers.flatMap((layer) => layerCandidates(projectDir, layer)),
  ];
  for (const candidate of candidates) files.addFile(candidate);
  captureOutput(log, secrets.mask);
  handleStrayErrors(log, { blame: (scope, error) => invoker.blame(scope, error), explain });

  async function start(attempt: number): Promise<void> {
    lifecycle.reset();
    for (const spec of manifest.layers) {
      const layer = (await loadLayer(projectDir, spec, attempt)) as Layer;
      await layer(lifecycle.engine);
    }
    await lifecycle.runStart('beforeRuntimeStart', info);
    await lifecycle.runStart('afterRuntimeStart', info);
    if (server) health.update();
  }

  /** In the scope of the process, so that init code can open scopes of its own. */
  function load(attempt = 1): Promise<void> {
    return runInScope(processScope, async () => {
      await bottleLink.start();
      await start(attempt);
      await registry.loadAll();
    });
  }

  async function retryStart(): Promise<void> {
    for (let attempt = 2; !closing; attempt++) {
      const backoffMs = Math.min(RESTART_BACKOFF_MIN_MS * 2 ** (attempt - 2), RESTART_BACKOFF_MAX_MS);
      await delay(backoffMs * (0.75 + Math.random() / 2), undefined, { ref: false });
      try {
        await load(attempt);
        registry.retryFailures();
        return;
      } catch (error) {
        log.error({ err: error, attempt }, 'the runtime failed to start');
        registry.failAll(error);
      }
    }
  }

  async function runClose(stage: 'beforeClose' | 'afterClose'): Promise<void> {
    const errors = await runInScope(processScope, () => lifecycle.runClose(stage, info));
    for (const error of errors) log.error({ err: error, stage }, 'a hook failed');
  }

  return {
    registry,
    load,
    loadFunctions() {
      lifecycle.reset();
      return runInScope(processScope, () => registry.loadAll());
    },
    async serve() {
      server = await startRuntimeServer({
        services,
        socketPath: join(socketDir, 'runtime.sock'),
        abilities,
        invoker,
        table: () => registry.table(),
        pong: () => ({
          longestTurns: options.turns.all,
          droppedLogLines: options.droppedLogLines(),
          leftOutValues: leftOut.counts,
        }),
        onConnected: options.onConnected,
        logger: log,
      });
      runInScope(processScope, () => health.update());
      if (stuckMs > 0) stuckTimer = setInterval(() => stuck.check(performance.now()), STUCK_INTERVAL_MS).unref();
      log.info({ socketDir, functions: info.functions }, 'runtime serves');
      void temporaryDirectory.removeStale(log);
    },
    keepTrying(startFailed) {
      runInScope(processScope, () => {
        if (startFailed) void retryStart();
        else registry.retryFailures();
      });
    },
    async close() {
      closing = true;
      health.close();
      clearInterval(stuckTimer);
      registry.close();
      invoker.leave();
      server?.sayGoodbye('the function container stops');
      await delay(GOODBYE_MS);
      const deadline = performance.now() + CLOSE_TIMEOUT_MS;
      while (invoker.activeCount > invoker.givenUp.size && performance.now() < deadline) await delay(20);
      await runClose('beforeClose');
      processScope.close();
      bottleLink.close();
      await server?.close();
      await temporaryDirectory.remove().catch((error: unknown) => log.error({ err: error }, 'temporary files stay'));
      await runClose('afterClose');
    },
  };
}
