import { once } from 'node:events';
import { parseExactJson } from '../exact-json.ts';
import { shellLine } from './shell-line.ts';

/** A stream of messages, one in each line; `$error` in the last one says why it ended early. */
const MESSAGE_LINES = 'application/vnd.bottle.messages+ndjson';
/** Of the admin port itself. */
const HEAD_TOO_LARGE = 431;
const NEWLINE = 10;
/** What was given is no call of a function. */
const USAGE_REASONS = new Set(['bad-event', 'bad-query', 'no-function']);

/** Prints what a function answered. Returns the exit code: 64 for what is no call of it, 1 when it failed. */
export async function printAnswer(response: Response): Promise<number> {
  if (!response.ok) return printRefusal(await response.text(), response.status);
  const contentType = response.headers.get('content-type') ?? '';
  try {
    if (contentType.startsWith(MESSAGE_LINES)) return await printMessages(response);
    if (contentType.startsWith('application/json')) printJson(await response.text());
    else await printAsItComes(response);
  } catch (error) {
    if (!(error instanceof TypeError && error.message === 'terminated')) throw error; // by fetch
    process.stderr.write('bottle: the result broke off: the log of the pod says why\n');
    return 1;
  }
  return printStatus(response);
}

/** The event on standard output, what to do with it on standard error. */
export async function printExample(response: Response, command: readonly string[]): Promise<number> {
  if (!response.ok) return printRefusal(await response.text(), response.status);
  const { event, flags, byFlags, note } = parseExactJson(await response.text()) as {
    event: unknown;
    flags: string[];
    byFlags?: string[];
    note?: string;
  };
  process.stdout.write(`${JSON.stringify(event, null, 2)}\n`);
  const lines = [
    `in a file, and edited: ${shellLine([...command, ...flags, '--data', '@event.json'])}`,
    ...(byFlags ? [`without a file: ${shellLine([...command, ...byFlags])}`] : []),
    ...(note === undefined ? [] : [note]),
  ];
  process.stderr.write(lines.map((line) => `bottle: ${line}\n`).join(''));
  return 0;
}

function printRefusal(text: string, status: number): number {
  const { code, reason, detail, error } = problemOf(text);
  if (reason === undefined) {
    const isTooLarge = status === HEAD_TOO_LARGE;
    const tooLarge = 'path, query and headers are longer than the 64 KiB that the admin port takes';
    const message = isTooLarge ? tooLarge : `what answers is no pod of this version (status ${status})`;
    process.stderr.write(`bottle: ${message}\n`);
    return isTooLarge ? 64 : 1;
  }
  const isUsage = USAGE_REASONS.has(reason);
  const { file, line, column } = error?.source ?? {};
  const place = file === undefined ? '' : `\n  at ${file}:${line}:${column}`;
  process.stderr.write(isUsage ? `bottle: ${detail}\n` : `${code} (${reason}): ${detail}${place}\n`);
  return isUsage ? 64 : 1;
}

interface Problem {
  code?: string;
  reason?: string;
  detail?: string;
  /** Of a pod of `bottle dev` alone. */
  error?: { source?: { file: string; line: number; column: number } };
}

function problemOf(text: string): Problem {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** Of an HTTP response, where it is not simply good. */
function printStatus({ headers }: Response): number {
  const status = Number(headers.get('x-bottle-status') ?? 200);
  if (status >= 200 && status < 300) return 0;
  const location = headers.get('x-bottle-location');
  process.stderr.write(`HTTP ${status}${location === null ? '' : `, location: ${location}`}\n`);
  return status < 400 ? 0 : 1;
}

function printJson(text: string): void {
  if (text === '') return;
  const shown = process.stdout.isTTY ? JSON.stringify(parseExactJson(text), null, 2) : text;
  process.stdout.write(`${shown}\n`);
}

async function printMessages({ body }: Response): Promise<number> {
  let rest = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { $error } = JSON.parse(line) as { $error?: { code: string; reason: string; detail: string } };
      if ($error) {
        process.stderr.write(`${$error.code} (${$error.reason}): ${$error.detail}\n`);
        return 1;
      }
      await write(`${line}\n`);
    }
  }
  return 0;
}

async function printAsItComes({ body, headers }: Response): Promise<void> {
  let last: number | undefined;
  for await (const chunk of body ?? []) {
    await write(chunk);
    last = chunk.at(-1);
  }
  const isText = headers.get('content-type')?.startsWith('text/') ?? false;
  if (process.stdout.isTTY && isText && last !== NEWLINE) process.stdout.write('\n');
}

async function write(chunk: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}
