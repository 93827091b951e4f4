import {
  type ConfigPlace,
  type ConfigProblem,
  ConfigProblems,
  type ConfigSource,
  readConfigFile,
  validate,
} from '@bottle/config-file';
import { listSettings, type Setting, type SidecarConfig, sidecarConfigSchema } from './config.ts';
import { resolveReferences } from './references.ts';

/** Where settings come from: a flag wins over the environment, that over the file, that over the default. */
export interface SettingSources {
  file?: string | undefined;
  /** A copy of it, which is read instead: what the file was when somebody looked at it. */
  textFile?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  flags: Readonly<Record<string, string | undefined>>;
}

type Data = Record<string, unknown>;

export interface SidecarSettings {
  /** All sources together, not validated. */
  source: ConfigSource & { data: Data };
  /** What the file alone says. */
  written: ConfigSource;
  /** Paths that the environment or a flag decides, with dots. */
  overridden: ReadonlySet<string>;
  /** References that lead nowhere; they are left in the data as they are written. */
  unresolved: ConfigProblem[];
}

/** Reads all sources. Throws ConfigProblems for a file that is no YAML mapping. */
export async function readSidecarSettings({
  file,
  textFile = file,
  env,
  flags,
}: SettingSources): Promise<SidecarSettings> {
  const fromFile: ConfigSource = file
    ? await readConfigFile(textFile ?? file, { name: file })
    : { data: {}, locate: () => ({ source: 'defaults' }) };
  if (typeof fromFile.data !== 'object' || fromFile.data === null || Array.isArray(fromFile.data)) {
    throw new ConfigProblems([{ ...fromFile.locate([]), path: '', message: 'expected a mapping of settings' }]);
  }
  const resolved = resolveReferences(fromFile, env);
  const written = resolved.data as Data;
  const data = structuredClone(written);
  const places = new Map<string, ConfigPlace>();
  const hidden = new Set(resolved.replaced);
  for (const setting of listSettings()) {
    const flag = flags[setting.flag];
    const override = flag ?? env[setting.env];
    if (override === undefined || override === '') continue;
    setAt(data, setting.path, coerce(override, setting.kind));
    const source = flag === undefined ? setting.env : `--${setting.flag}`;
    const path = setting.path.join('.');
    places.set(path, { source });
    if (flag === undefined) hidden.add(path);
    else hidden.delete(path);
  }
  return {
    source: {
      data,
      locate: (path) => places.get(path.join('.')) ?? fromFile.locate(path),
      textAt: (path) => (places.has(path.join('.')) ? undefined : fromFile.textAt?.(path)),
      hides: (path) => hidden.has(path.join('.')),
    },
    written: {
      data: written,
      locate: (path) => fromFile.locate(path),
      textAt: (path) => fromFile.textAt?.(path),
      hides: (path) => resolved.replaced.has(path.join('.')),
    },
    overridden: new Set(places.keys()),
    unresolved: resolved.problems,
  };
}

/** The settings, frozen. Throws ConfigProblems with all mistakes of all sources, those of values that another one overrules included. */
export async function loadSidecarConfig(sources: SettingSources): Promise<SidecarConfig> {
  const { source, written, overridden, unresolved } = await readSidecarSettings(sources);
  const problems = [...unresolved];
  const isNews = ({ path }: ConfigProblem): boolean => !unresolved.some((other) => other.path === path);
  const checked = validated(source);
  if ('problems' in checked) problems.push(...checked.problems.filter(isNews));
  if (overridden.size > 0) {
    const inFile = validated(written);
    if ('problems' in inFile)
      problems.push(...inFile.problems.filter((problem) => overridden.has(problem.path) && isNews(problem)));
  }
  if (problems.length > 0 || 'problems' in checked) throw new ConfigProblems(problems);
  return Object.freeze(checked.config);
}

function validated(source: ConfigSource): { config: SidecarConfig } | { problems: readonly ConfigProblem[] } {
  try {
    return { config: validate(sidecarConfigSchema, source) };
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return { problems: error.problems };
  }
}

/** Text as the setting's type; what does not fit stays text, for the schema to refuse. */
function coerce(text: string, kind: Setting['kind']): unknown {
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function setAt(data: Data, path: readonly string[], value: unknown): void {
  let target = data;
  for (const key of path.slice(0, -1)) {
    const child = target[key];
    const next = typeof child === 'object' && child !== null && !Array.isArray(child) ? (child as Data) : {};
    target[key] = next;
    target = next;
  }
  target[path.at(-1) ?? ''] = value;
}
