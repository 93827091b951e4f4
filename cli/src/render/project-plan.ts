import { spawnSync } from 'node:child_process';
import type { ProjectNeeds } from '../check-needs.ts';
import type { CommandContext } from '../command.ts';
import { runtimeProgram } from '../programs.ts';

/** A function, as far as its pods are concerned. */
export interface PlannedFunction {
  name: string;
  timeoutMs: number;
  concurrency: number;
  /** Megabytes; null when the author says nothing. */
  memoryMb: number | null;
  /** "cache.sessions", "db.shop:read"; null when the author says nothing. */
  uses: readonly string[] | null;
  http: readonly { methods: readonly string[]; path: string; host: string }[];
  mq: readonly QueueSource[];
  timers: readonly unknown[];
  rpc: readonly { service: string; method: string }[];
  cloudEvents: readonly (Omit<QueueSource, 'batch' | 'concurrency'> & { path: string })[];
  gateway: readonly { api: string; version: string }[];
}

/** Where messages come from. */
interface QueueSource {
  /** Without its capability; empty: not from a queue. */
  resource: string;
  topic: string;
  group: string;
  batch: number;
  concurrency: number;
}

/** Functions that share a pod. */
export interface PlannedGroup {
  name: string;
  kind: 'http' | 'event';
  functions: readonly string[];
  /** The author's group; the functions in none; or one function that is deployed by itself besides its group. */
  source: 'aggregation' | 'rest' | 'origin';
}

/** What a project's serverless.yml says, with every default filled in. */
export interface ProjectPlan extends ProjectNeeds {
  service: string;
  warnings: readonly string[];
  groups: readonly PlannedGroup[];
  functions: readonly PlannedFunction[];
}

/** Asks the function container's program, which owns the format; `env`: this process's, unless given. A number is its exit code: it has said what is wrong. */
export function readProjectPlan(projectDir: string, env?: CommandContext['env']): ProjectPlan | number {
  const { status, stdout } = spawnSync(process.execPath, [...runtimeProgram().nodeArgs, projectDir, '--manifest'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return status === 0 ? (JSON.parse(stdout) as ProjectPlan) : (status ?? 70);
}
