// The watching thread. It counts the turns it has itself seen go by, not the clock: a process that was suspended as a
// whole, or a clock that jumps, is not a blocked event loop.
import { Session } from 'node:inspector';
import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { giveUpPermissions, type Permissions } from '../give-up-permissions.ts';
import { writeWhole } from '../observe/write-whole.ts';

const { beats, blockedMs, beatMs } = workerData as { beats: Int32Array; blockedMs: number; beatMs: number };
/** How long the stack may take to arrive: a loop in native code never answers, and a machine that has a lot to do answers late. */
const STACK_TIMEOUT_MS = 3_000;
/** Whoever reads the log gets so long to make room for the last line. */
const LOG_PATIENCE_MS = 1_000;

interface CallFrame {
  functionName: string;
  url: string;
  location: { scriptId: string; lineNumber: number; columnNumber?: number };
}

const permissions = process.permission as Permissions | undefined;
giveUpPermissions(permissions);
process.report.excludeEnv = true; // each thread has its part in a crash report

let lastBeat = Atomics.load(beats, 0);
for (let silentMs = 0; ; ) {
  await delay(beatMs);
  const beat = Atomics.load(beats, 0);
  silentMs = beat === lastBeat && beat !== 0 ? silentMs + beatMs : 0; // 0: nobody has said that it shall watch
  lastBeat = beat;
  if (silentMs >= blockedMs) await end(silentMs);
}

async function end(silentMs: number): Promise<void> {
  const stack = await Promise.race([stackOfMainThread(), delay(STACK_TIMEOUT_MS, [] as string[])]);
  const line = {
    level: 60,
    time: Date.now(),
    process: 'runtime',
    blockedMs: silentMs,
    stack: stack.length > 0 ? stack : `not available: ${permissions ? '--permission' : 'it is inside native code'}`,
    msg: 'event loop blocked, ending the process',
  };
  try {
    writeWhole(1, `${JSON.stringify(line)}\n`, LOG_PATIENCE_MS);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Pauses the main thread through the inspector and reads where it stands. */
function stackOfMainThread(): Promise<string[]> {
  if (permissions) return Promise.resolve([]); // the inspector could do what is not permitted
  return new Promise((resolve) => {
    const session = new Session();
    session.connectToMainThread();
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url));
    session.once('Debugger.paused', ({ params }) => {
      resolve((params.callFrames as CallFrame[]).map((frame) => describeFrame(frame, urls)));
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });
}

/** Where a frame is: its own `url` is empty for modules. */
function describeFrame({ functionName, url, location }: CallFrame, urls: ReadonlyMap<string, string>): string {
  const file = url || (urls.get(location.scriptId) ?? '');
  return `${functionName || '<anonymous>'} (${file}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1})`;
}
