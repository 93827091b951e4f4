import { UsageError, type CommandContext } from './command.ts';
import { parseExactJson } from './exact-json.ts';
import { operatorFile } from './operator-file.ts';
import { settingsOf, valueAt } from './operator-settings.ts';

const TIMEOUT_MS = 15_000;

/** The pod answered with an error, or did not answer. */
export class PodError extends Error {
  override readonly name = 'PodError';
  readonly exitCode: number;
  /** "no-value"; empty when there was no answer. */
  readonly reason: string;

  constructor(message: string, exitCode: number, reason = '') {
    super(message);
    this.exitCode = exitCode;
    this.reason = reason;
  }
}

export interface AdminRequest {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Parts of the path, not encoded yet. */
  path: readonly string[];
  query?: Readonly<Record<string, string | undefined>>;
  /** JSON text. */
  body?: string;
}

/** Talks to the admin port of a running pod. */
export class AdminClient {
  readonly #port: number;
  readonly #authorization: Readonly<Record<string, string>>;

  /** See adminPortOf. */
  constructor(flag: string | undefined, context: CommandContext) {
    this.#port = adminPortOf(flag, context);
    this.#authorization = adminAuthorization(context.env);
  }

  /** The answer's JSON. Throws PodError. */
  async ask<Answer>(request: AdminRequest): Promise<Answer> {
    const response = await this.#fetch(request, AbortSignal.timeout(TIMEOUT_MS));
    const text = await response.text();
    try {
      return parseExactJson(text) as Answer;
    } catch {
      throw this.#notAPod(response.status);
    }
  }

  /** The lines of an answer that goes on, as JSON. Throws PodError. */
  async *follow<Line>(request: AdminRequest): AsyncGenerator<Line> {
    const { body } = await this.#fetch(request, undefined);
    let rest = '';
    try {
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield parseExactJson(line) as Line;
      }
    } catch (error) {
      if (error instanceof TypeError) throw new PodError('the pod is gone', 69);
      throw error;
    }
    throw new PodError('the pod is gone', 69);
  }

  async #fetch({ method = 'GET', path, query = {}, body }: AdminRequest, signal: AbortSignal | undefined) {
    const url = new URL(`http://127.0.0.1:${this.#port}/${path.map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = { 'content-type': 'application/json', ...this.#authorization };
    const init = { method, headers, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) };
    const response = await fetch(url, init).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    if (response.ok) return response;
    throw problemOf(await response.text()) ?? this.#notAPod(response.status);
  }

  #notAPod(status: number): PodError {
    const message = `what answers on 127.0.0.1:${this.#port} is no pod of this version (status ${status})`;
    return new PodError(`${message}: say where the pod is with --admin-port`, 1);
  }

  #unreachable(error: unknown): PodError {
    const place = `127.0.0.1:${this.#port}`;
    if ((error as Error).name === 'TimeoutError')
      return new PodError(`the pod on ${place} does not answer within ${TIMEOUT_MS / 1_000} s`, 69);
    return new PodError(
      `no pod answers on ${place}: start one with \`bottle dev\`, or say where it is with --admin-port`,
      69,
    );
  }
}

/** From `--admin-port`, else BOTTLE_ADMIN_PORT, else `admin.port` of the project's sidecar.yml, else 9901. Throws UsageError. */
export function adminPortOf(flag: string | undefined, context: CommandContext, projectDir = context.cwd): number {
  const port = flag ?? (context.env['BOTTLE_ADMIN_PORT'] || (portInFile(projectDir, context) ?? '9901'));
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`"${port}" is not a port`);
  return Number(port);
}

/** 0 is one that nobody can know before. */
function portInFile(projectDir: string, context: CommandContext): string | undefined {
  const port = valueAt(settingsOf(operatorFile(undefined, projectDir, context)), ['admin', 'port']);
  return typeof port === 'number' && port !== 0 ? String(port) : undefined;
}

/** The header for a pod whose sidecar.yml has `admin.token`: from BOTTLE_ADMIN_TOKEN. */
export function adminAuthorization({ BOTTLE_ADMIN_TOKEN: token }: CommandContext['env']): Record<string, string> {
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}

/** What the pod says against it; undefined: it is no pod that says so. */
function problemOf(body: string): PodError | undefined {
  try {
    const { code, reason, detail } = JSON.parse(body) as Record<string, string>;
    if (code !== undefined && reason !== undefined) return new PodError(`${code} (${reason}): ${detail}`, 1, reason);
  } catch {
    // not ours
  }
  return undefined;
}

/** Runs a command; what the pod says against it goes to standard error. Returns the exit code. */
export async function reportingPodErrors(run: () => Promise<void>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    if (!(error instanceof PodError)) throw error;
    process.stderr.write(`bottle: ${error.message}\n`);
    return error.exitCode;
  }
}
