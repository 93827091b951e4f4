// Where a process writes its log.
//  1. Lines are kept in order. What the reader does not take waits, up to `maxBytes`.
//  2. When that is full, whoever logs waits for the reader: a second at most, and a tenth of the time in the long run.
//     A reader that takes nothing at all is not waited for again before it does.
//  3. What finds no room then is dropped, counted, and told as soon as there is room: how many lines of which invocation.
//  4. What cannot be written (the reader has gone, the disk is full) is dropped and counted, too, and the next lines are tried again.
//     A log that fails costs lines, and nothing else.
import { writeSync } from 'node:fs';

export interface LogDestinationOptions {
  /** Must not block: `process.stdout` has to be looked at first. */
  fd: number;
  /** The field `process` of the lines that tell what was dropped. */
  process: string;
  /** Lines are written when they come to this, or after 100 ms, in bytes. @default 8 KiB */
  minBytes?: number;
  /** Most bytes that wait for the reader. @default 16 MiB */
  maxBytes?: number;
  /** What lines become before they are kept; must not throw. @default the same */
  mask?: (lines: string) => string;
  /** How long logging may wait for the reader at once, in milliseconds. @default 0 */
  patienceMs?: number;
  /** As writeSync. */
  write?: (fd: number, bytes: Buffer, offset: number) => number;
}

const CHUNK_BYTES = 64 * 1024;
/** Most bytes of one character of a string (a UTF-16 unit) in UTF-8. */
const MAX_CHAR_BYTES = 3;
const FLUSH_MS = 100;
const RETRY_MS = 5;
const POLL_MS = 2;
/** Most bytes written in one turn of the event loop: a file takes whatever it gets. */
const TURN_BYTES = 1024 * 1024;
/** Invocations whose dropped lines are counted apart. */
const MAX_COUNTED = 1_000;
const EXIT_PATIENCE_MS = 500;

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

/** Lines that wait, as bytes: the string of a line is put together of two dozen pieces, and all of them would be kept with it. */
interface Chunk {
  readonly buffer: Buffer;
  /** Bytes that are used. */
  end: number;
}

export class LogDestination {
  readonly #options: Required<LogDestinationOptions>;
  readonly #dropped = new Map<string, number>();
  /** The last one is being filled. */
  #chunks: Chunk[] = [];
  /** One that was written, to be filled again. */
  #spare: Chunk | undefined;
  /** Of the first chunk. */
  #offset = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;
  #isStuck = false;
  #budgetMs: number;
  #budgetAt = performance.now();
  #onEmpty: (() => void)[] = [];
  /** Lines since the start. */
  droppedLines = 0;

  constructor(options: LogDestinationOptions) {
    const defaults = {
      minBytes: 8 * 1024,
      maxBytes: 16 * 1024 * 1024,
      patienceMs: 0,
      mask: (lines: string) => lines,
      write: writeSync,
    };
    this.#options = { ...defaults, ...options };
    this.#budgetMs = this.#options.patienceMs;
    process.on('exit', () => this.#finish());
  }

  /** One line or several, each with its end. */
  write(given: string): void {
    const { minBytes, maxBytes, mask } = this.#options;
    const lines = mask(given);
    if (this.#bytes + lines.length > maxBytes && !this.#makeRoom()) {
      this.#drop(lines);
      return;
    }
    this.#append(lines);
    if (this.#timer) return;
    if (this.#bytes >= minBytes) this.#flush();
    else this.#later(FLUSH_MS);
  }

  /** Calls back when everything that was logged before is written, or never will be. */
  flush(done: () => void): void {
    this.#onEmpty.push(done);
    this.#flush();
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, ms).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const state = this.#writeSome(TURN_BYTES);
    if (!this.#isBroken && this.#bytes <= this.#options.maxBytes / 2 && this.#dropped.size > 0) this.#tellDropped();
    if (state === 'full') this.#later(RETRY_MS);
    else if (this.#bytes > 0) this.#later(0);
    else for (const done of this.#onEmpty.splice(0)) done();
  }

  /** 'full': the reader takes nothing more at the moment. */
  #writeSome(most: number): 'full' | 'open' {
    for (let left = most; left > 0; ) {
      const [chunk] = this.#chunks;
      if (!chunk) break;
      let written: number;
      try {
        written = this.#options.write(this.#options.fd, chunk.buffer.subarray(0, chunk.end), this.#offset);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'full';
        this.#giveUp();
        break;
      }
      this.#isStuck = false;
      this.#isBroken = false;
      this.#offset += written;
      this.#bytes -= written;
      left -= written;
      if (this.#offset < chunk.end) continue;
      this.#chunks.shift();
      this.#offset = 0;
      if (chunk.buffer.length === CHUNK_BYTES) this.#spare = chunk;
    }
    return 'open';
  }

  #append(lines: string): void {
    const mostBytes = lines.length * MAX_CHAR_BYTES;
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.buffer.length - chunk.end < mostBytes) {
      chunk = this.#emptyChunk(mostBytes);
      this.#chunks.push(chunk);
    }
    const written = chunk.buffer.write(lines, chunk.end);
    chunk.end += written;
    this.#bytes += written;
  }

  #emptyChunk(leastBytes: number): Chunk {
    const spare = this.#spare;
    if (!spare || leastBytes > CHUNK_BYTES) {
      return { buffer: Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, leastBytes)), end: 0 };
    }
    this.#spare = undefined;
    spare.end = 0;
    return spare;
  }

  /** Invariant 2. */
  #makeRoom(): boolean {
    const { maxBytes, patienceMs } = this.#options;
    const enough = (maxBytes * 3) / 4;
    const startedAt = performance.now();
    this.#budgetMs = Math.min(patienceMs, this.#budgetMs + (startedAt - this.#budgetAt) / 10);
    let waitedMs = 0;
    const wasStuck = this.#isStuck;
    this.#isStuck = true;
    while (this.#writeSome(TURN_BYTES) === 'full' && this.#bytes > enough) {
      if ((wasStuck && this.#isStuck) || waitedMs >= this.#budgetMs) break;
      Atomics.wait(sleepCell, 0, 0, POLL_MS);
      waitedMs = performance.now() - startedAt;
    }
    this.#budgetMs -= waitedMs;
    this.#budgetAt = performance.now();
    return this.#bytes < maxBytes;
  }

  #drop(lines: string): void {
    const id = /"invocationId":"([0-9a-f]{1,64})"/.exec(lines)?.[1] ?? '';
    const key = this.#dropped.has(id) || this.#dropped.size < MAX_COUNTED ? id : '';
    this.#count(key, endsOf(lines));
    this.#later(RETRY_MS);
  }

  #count(key: string, lines: number): void {
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + lines);
    this.droppedLines += lines;
  }

  /** Invariant 3. */
  #tellDropped(): void {
    const dropped = [...this.#dropped];
    this.#dropped.clear();
    for (const [invocationId, count] of dropped) {
      const fields = {
        level: 40,
        time: Date.now(),
        process: this.#options.process,
        ...(invocationId === '' ? {} : { invocationId }),
        dropped: count,
        msg: `${count} lines dropped: more is logged than is read`,
      };
      this.#append(`${JSON.stringify(fields)}\n`);
    }
  }

  /** Invariant 4. Whose lines they were is not looked at. */
  #giveUp(): void {
    this.#isBroken = true;
    const waiting = this.#chunks.map(({ buffer, end }, at) => buffer.subarray(at === 0 ? this.#offset : 0, end));
    this.#count(
      '',
      waiting.reduce((sum, bytes) => sum + endsOf(bytes), 0),
    );
    this.#chunks = [];
    this.#offset = 0;
    this.#bytes = 0;
  }

  /** The process ends: whoever reads has a moment for the rest. */
  #finish(): void {
    const until = performance.now() + EXIT_PATIENCE_MS;
    if (!this.#isBroken) this.#tellDropped();
    while (!this.#isBroken && this.#bytes > 0 && performance.now() < until) {
      if (this.#writeSome(TURN_BYTES) === 'full') Atomics.wait(sleepCell, 0, 0, POLL_MS);
    }
  }
}

/** How many lines end in it. */
function endsOf(lines: string | Buffer): number {
  let count = 0;
  for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) count += 1;
  return count;
}
