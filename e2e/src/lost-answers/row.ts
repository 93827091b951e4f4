// A row: an operation whose answer gets lost, what its caller is told, and what is true.
import type { Bottle, CallError } from 'bottle-sdk';

/** Two ways to one server: `lossy` through a proxy that loses answers, `direct` past it. */
export interface Ways {
  bottle: Bottle;
  /** The next request with these bytes loses its answer. */
  lose(marker: string): void;
  /** Values that are in the topic of Kafka. */
  published(): Promise<string[]>;
  /** Calls that the gRPC server has had. */
  grpcCalls(): number;
}

export interface Row {
  capability: string;
  operation: string;
  /** "answered …", or the state on the error; "again" when it says that the call may be made again. */
  told: string;
  /** What the server has. */
  truth: unknown;
  run(ways: Ways, key: string): Promise<{ told: string; truth: unknown }>;
}

export interface Verdict extends Pick<Row, 'capability' | 'operation'> {
  told: string;
  truth: string;
  faults: string[];
}

let unique = 0;

/** Makes a call whose answer gets lost; says what its caller learns. */
export async function toldOf(call: () => Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await call())}`;
  } catch (thrown) {
    const { outcome, retryable, reason } = thrown as CallError;
    return `${outcome}${retryable ? ', again' : ''} (${reason})`;
  }
}

export async function checkRow(row: Row, ways: Ways): Promise<Verdict> {
  const { capability, operation } = row;
  const key = `lost-${process.pid}-${(unique += 1)}`;
  const { told, truth } = await row.run(ways, key);
  const faults: string[] = [];
  if (told !== row.told) faults.push(`told ${told}, not ${row.told}`);
  if (JSON.stringify(truth) !== JSON.stringify(row.truth))
    faults.push(`the server has ${JSON.stringify(truth)}, not ${JSON.stringify(row.truth)}`);
  return { capability, operation, told, truth: JSON.stringify(truth ?? null), faults };
}

/** For people. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ capability, operation, told, truth, faults }) =>
    [capability.padEnd(10), operation.padEnd(42), told.padEnd(36), truth.padEnd(24), faults.join('; ') || 'right'].join(
      ' ',
    ),
  );
  const head = [
    'capability'.padEnd(10),
    'operation'.padEnd(42),
    'its caller is told'.padEnd(36),
    'the server has'.padEnd(24),
  ];
  return [head.join(' '), ...lines].join('\n');
}
