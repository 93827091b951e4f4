import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '../child.ts';
import { codeFrame, type Place } from './code-frame.ts';
import { framesInProject, type LoggedError, placeOfError } from './place-of-error.ts';
import { findSyntaxError } from '../build/find-syntax-error.ts';

/** What the function process says of code that does not load. */
const MESSAGES = new Set(['function failed to initialise', 'the runtime failed to start']);
/** By then the files that were loaded have been reported. */
const FILES_MS = 100;

export interface LoadErrorsOptions {
  projectDir: string;
  /** Those that the project was loaded from, so far. */
  files(): string[];
  print(text: string): void;
}

/** Prints why code does not load: an error once, however many functions it concerns and however often it is tried. */
export class LoadErrors {
  readonly #options: LoadErrorsOptions;
  /** Since the last `reset`, and ever: a process that tries again what it could not load says nothing new. */
  readonly #known = new Set<string>();
  readonly #ever = new Set<string>();
  #printing: Promise<void> = Promise.resolve();

  constructor(options: LoadErrorsOptions) {
    this.#options = options;
  }

  /** The files are about to be loaded anew: whatever is wrong then is news. */
  reset(): void {
    this.#known.clear();
  }

  /** True when the line is such an error, which needs no other mention. */
  take({ fields }: LogLine): boolean {
    const { msg, err, attempt = 1 } = fields ?? {};
    if (typeof msg !== 'string' || !MESSAGES.has(msg) || !isLoggedError(err)) return false;
    const key = `${err.message}\n${framesInProject(err.stack, this.#options.projectDir).join('\n')}`;
    if (this.#known.has(key) || (attempt !== 1 && this.#ever.has(key))) return true;
    this.#known.add(key);
    this.#ever.add(key);
    const before = this.#printing;
    this.#printing = (async () => {
      const text = await this.#describe(err);
      await before;
      this.#options.print(text);
    })();
    return true;
  }

  /** Everything that was taken is printed. */
  printed(): Promise<void> {
    return this.#printing;
  }

  async #describe(logged: LoggedError): Promise<string> {
    const { projectDir } = this.#options;
    const title = logged.type === 'BottleError' ? logged.message : `${logged.type}: ${logged.message}`;
    const place = placeOfError(logged, projectDir) ?? (await this.#searched(logged));
    const text = place && (await readFile(place.file, 'utf8').catch(() => undefined));
    if (!place || text === undefined) return title;
    const at = `${relative(projectDir, place.file)}:${place.line}${place.column > 0 ? `:${place.column}` : ''}`;
    const frames = framesInProject(logged.stack, projectDir)
      .slice(1)
      .map((frame) => `    ${frame}`);
    return [`${at}  ${title}`, '', codeFrame(text, place), ...(frames.length > 0 ? ['', ...frames] : []), ''].join(
      '\n',
    );
  }

  async #searched({ type }: LoggedError): Promise<Place | undefined> {
    if (type !== 'SyntaxError') return undefined;
    await delay(FILES_MS);
    return findSyntaxError(this.#options.files());
  }
}

function isLoggedError(value: unknown): value is LoggedError {
  const { type, message, stack } = (value ?? {}) as Partial<Record<keyof LoggedError, unknown>>;
  return typeof type === 'string' && typeof message === 'string' && typeof stack === 'string';
}
