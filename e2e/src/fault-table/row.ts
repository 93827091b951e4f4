import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPod, type TestPodOptions } from '../harness/pod.ts';
import type { OpenLoop } from './open-loop.ts';

/** What a fault came to. */
export interface Outcome {
  sent: number;
  executed: number;
  answered: number;
  /** Not answered with 200. */
  failed: number;
  lost: number;
  duplicates: number;
  note: string;
  pass: boolean;
}

export interface Row {
  /** Its number in the reference table. */
  number: number;
  fault: string;
  /** What has to hold. */
  demand: string;
  run(stage: Stage): Promise<Outcome>;
}

/** What a row may use; everything it started is gone when it ends. */
export class Stage {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'bt-t-'));
  readonly executedFile: string = join(this.directory, 'executed');
  readonly #closing: (() => Promise<void> | void)[] = [];

  constructor() {
    writeFileSync(this.executedFile, '');
  }

  /** Two processes that serve e2e/functions/fault-table; not started. */
  pod(options: Omit<Partial<TestPodOptions>, 'project'> = {}): TestPod {
    const { sidecarArgs = [], env } = options;
    const dataDir = ['--data-dir', mkdtempSync(join(this.directory, 'data-'))];
    const pod = new TestPod({
      project: 'fault-table',
      ...options,
      sidecarArgs: [...dataDir, ...sidecarArgs],
      env: { EXECUTED_FILE: this.executedFile, ...env },
    });
    this.onEnd(() => pod.end());
    return pod;
  }

  async startedPod(options: Parameters<Stage['pod']>[0] = {}) {
    const pod = this.pod(options);
    const runtime = pod.startRuntime();
    const sidecar = await pod.startSidecar();
    await pod.untilReady();
    return Object.assign(pod, { sidecar, runtime });
  }

  onEnd(close: () => Promise<void> | void): void {
    this.#closing.push(close);
  }

  async end(): Promise<void> {
    for (const close of this.#closing.toReversed()) await close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Sent, executed and answered, held against each other. `explained`: failures that the fault justifies. */
  reconcile(
    client: OpenLoop,
    explained: (status: number, reason: string) => boolean,
    note: string,
    ok = true,
  ): Outcome {
    const counts = new Map<string, number>();
    for (const id of readFileSync(this.executedFile, 'utf8').split('\n'))
      if (client.sentId(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
    const answeredOk = client.answers.filter(({ status }) => status === 200);
    const unexecuted = answeredOk.filter(({ id }) => !counts.has(id)).length;
    const lost = client.sent - client.answers.length + unexecuted;
    const duplicates = [...counts.values()].filter((count) => count > 1).length;
    const unexplained = client.failures.filter(({ status, reason }) => !explained(status, reason)).length;
    const { failureKinds } = client;
    return {
      sent: client.sent,
      executed: counts.size,
      answered: client.answers.length,
      failed: client.failures.length,
      lost,
      duplicates,
      note: failureKinds === '' ? note : `${note}; ${failureKinds}`,
      pass: ok && lost === 0 && duplicates === 0 && unexplained === 0,
    };
  }
}

export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}
