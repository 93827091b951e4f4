import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { compileCache } from './compile-cache.ts';
import { sidecarProgram } from './programs.ts';

/** What a project needs of its pod, as the function container's program says it of a serverless.yml. */
export interface ProjectNeeds {
  functions: readonly { name: string }[];
  /** The resources that its functions name, each with its place. */
  needs: readonly ProjectNeed[];
}

interface ProjectNeed {
  /** The function. */
  by: string;
  /** "cache.sessions", or the setting of the operator's file that names it: "timers.lock", "gateway.sessions". */
  resource: string;
  source: string;
  line?: number;
  path: string;
}

/** What the settings of the sidecar do not have of that. */
interface NeedsReport {
  problems: readonly { source: string; line?: number; path: string; message: string }[];
  /** The problems, to be printed; empty when there are none. */
  text: string;
  warnings: readonly string[];
}

export interface NeedsCheck {
  /** 0, or the sidecar's exit code for settings that are wrong, which it has said on standard error. */
  code: number;
  /** Undefined when the settings cannot be read. */
  report: NeedsReport | undefined;
}

export interface CheckNeedsOptions {
  /** The sidecar's: where its settings are. */
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Whether all settings are validated besides; what they refer to has to be there then. */
  validates: boolean;
}

/** Asks the sidecar's program, which knows what its settings offer. */
export async function checkNeeds(
  { functions, needs }: ProjectNeeds,
  { args, env, validates }: CheckNeedsOptions,
): Promise<NeedsCheck> {
  const flags = ['--needs', ...(validates ? ['--check'] : [])];
  const asked = spawn(process.execPath, [...sidecarProgram().nodeArgs, ...args, ...flags], {
    env: { ...compileCache(), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  asked.stdin.on('error', () => {}); // it found its settings wrong before it read anything
  asked.stdin.end(JSON.stringify({ functions: functions.map(({ name }) => name), needs }));
  const [said, [code]] = await Promise.all([text(asked.stdout), once(asked, 'close') as Promise<[number | null]>]);
  return { code: code ?? 70, report: said === '' ? undefined : (JSON.parse(said) as NeedsReport) };
}

/**
 * The same for a command that goes on: says what is wrong on standard error; the exit code when something is. Warnings of
 * settings that are validated, because a pod starts with them, are the pod's to log.
 */
export async function refuseMissing(needs: ProjectNeeds, options: CheckNeedsOptions): Promise<number | undefined> {
  const { code, report } = await checkNeeds(needs, options);
  const warnings = options.validates ? [] : (report?.warnings ?? []);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  if (report && report.text !== '') process.stderr.write(`${report.text}\n`);
  if (code !== 0) return code;
  return report?.text === '' ? undefined : CONFIG_PROBLEM;
}

/** EX_CONFIG. */
export const CONFIG_PROBLEM = 78;
