import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import type { ConfigProblem, ConfigSource } from '@bottle/config-file';
import type { ProtoMethod } from '@bottle/protos/proto-files';

/** The gRPC methods of a project. */
export interface RpcMethods {
  /** By "shop.v1.Stock/Reserve". */
  readonly methods: ReadonlyMap<string, ProtoMethod>;
  /** A google.protobuf.FileDescriptorSet of their files and all imports; empty when there are none. */
  readonly descriptors: Uint8Array;
}

/** An `rpc` trigger as its author wrote it, perhaps half wrong otherwise. */
interface WrittenTrigger {
  owner: string;
  at: readonly PropertyKey[];
  proto: string;
  service: string;
  method: string;
  isIdempotent: boolean;
}

const NONE: RpcMethods = { methods: new Map(), descriptors: new Uint8Array() };

/**
 * Loads the .proto files of a project's `rpc` triggers. Imports are looked up in the project's folder, then in those of
 * the named files. What is wrong with files, services or methods comes back as problems, each with its line. Each file is
 * told before it is read.
 */
export async function loadRpc(
  source: ConfigSource,
  projectDir: string,
  onFile: (path: string) => void,
): Promise<{ rpc: RpcMethods; problems: ConfigProblem[] }> {
  const triggers = [...writtenTriggers(source.data)];
  if (triggers.length === 0) return { rpc: NONE, problems: [] };
  const library = await import('@bottle/protos/proto-files');
  const problems = duplicates(triggers, source);
  const problem = (at: readonly PropertyKey[], message: string): void => {
    problems.push({ ...source.locate(at), path: at.map(String).join('.'), message });
  };

  const broken = new Map<string, string>();
  const files = new Set(triggers.map(({ proto }) => resolve(projectDir, proto)));
  const includeDirs = [projectDir, ...new Set([...files].map((file) => dirname(file)))];
  for (const file of files) if (!existsSync(file)) broken.set(file, 'there is no such file');
  const load = (wanted: readonly string[]) => library.loadProtoFiles(wanted, includeDirs, onFile);
  /** One by one only to find out which of them it is. */
  function loadSound(): ReturnType<typeof load> {
    const sound = [...files].filter((file) => !broken.has(file));
    try {
      return load(sound);
    } catch {
      for (const file of sound) {
        try {
          load([file]);
        } catch (error) {
          broken.set(file, (error as Error).message.replaceAll(projectDir + sep, ''));
        }
      }
    }
    return load([...files].filter((file) => !broken.has(file)));
  }

  const methods = new Map<string, ProtoMethod>();
  const root = loadSound();
  for (const { proto, service: serviceName, method: methodName, at, isIdempotent } of triggers) {
    const wrong = broken.get(resolve(projectDir, proto));
    if (wrong !== undefined) {
      problem([...at, 'proto'], `${proto}: ${wrong}`);
      continue;
    }
    const service = library.findService(root, serviceName);
    if (!service) {
      problem([...at, 'service'], `${proto} has no service "${serviceName}"; ${known(library.servicesOf(root))}`);
      continue;
    }
    const method = library.findMethod(service, methodName);
    if (!method) {
      const names = service.methodsArray.map(({ name }) => name);
      problem([...at, 'method'], `${serviceName} has no method "${methodName}"; ${known(names)}`);
      continue;
    }
    if (isIdempotent && (method.requestStream || method.responseStream))
      problem([...at, 'idempotency'], 'only methods without streams can be idempotent');
    methods.set(`${serviceName}/${methodName}`, method);
  }
  if (problems.length > 0) return { rpc: NONE, problems };
  const nameOf = (file: string): string => importName(file, projectDir, includeDirs);
  return { rpc: { methods, descriptors: library.describeRoot(root, nameOf) }, problems };
}

/** Two functions, or two triggers of one, that answer the same method. */
function duplicates(triggers: readonly WrittenTrigger[], source: ConfigSource): ConfigProblem[] {
  const owners = new Map<string, string>();
  return triggers.flatMap(({ owner, at, service, method }) => {
    const key = `${service}/${method}`;
    const other = owners.get(key);
    owners.set(key, other ?? owner);
    if (other === undefined) return [];
    const path = [...at, 'method'];
    return [
      { ...source.locate(path), path: path.map(String).join('.'), message: `${key} is answered by ${other} already` },
    ];
  });
}

function* writtenTriggers(data: unknown): Generator<WrittenTrigger> {
  for (const [owner, spec] of Object.entries(asRecord(asRecord(data)['functions']))) {
    const events = asRecord(spec)['events'];
    for (const [index, event] of (Array.isArray(events) ? events : []).entries()) {
      const { proto, service, method, idempotency } = asRecord(asRecord(event)['rpc']);
      // What is no text, the schema complains of.
      if (typeof proto !== 'string' || typeof service !== 'string' || typeof method !== 'string') continue;
      const at = ['functions', owner, 'events', index, 'rpc'];
      yield { owner, at, proto, service, method, isIdempotent: idempotency !== undefined };
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function known(names: readonly string[]): string {
  return names.length === 0 ? 'it has none' : `it has ${names.slice(0, 12).join(', ')}`;
}

/** How an import names a file: the shortest of its paths from the folders that are searched. */
function importName(file: string, projectDir: string, includeDirs: readonly string[]): string {
  if (file.startsWith('google/protobuf/')) return file;
  const inside = relative(projectDir, file);
  const names = includeDirs.map((directory) => relative(directory, file));
  return (inside.startsWith('..') ? (names.find((name) => !name.startsWith('..')) ?? file) : inside).replaceAll(
    sep,
    '/',
  );
}
