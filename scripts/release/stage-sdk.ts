import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { bundle } from './bundle.ts';
import { type Manifest, readManifest, ReleaseProblem, stageManifest } from './stage.ts';

/** Runs in browsers and React Native, too: it shares no code with the others. */
const FOR_BROWSERS = 'gateway-client';

/** For our own runtime, which has them in its bundle. */
const INTERNAL = new Set(['./http-results']);

/** `bottle-sdk`: no dependencies, and types that need none. Expects declarations in the workspaces' `dist`. */
export async function stageSdk(root: string, target: string): Promise<void> {
  const workspace = 'bottle-sdk';
  const own = await readManifest(root, workspace);
  const sources = sourcesOf(own);
  const peers = Object.keys(own.peerDependencies ?? {});
  const entries = mapValues(sources, (path) => `${workspace}/src/${path}.ts`);
  const { [FOR_BROWSERS]: forBrowsers = '', ...forNode } = entries;
  // bottle-sdk/kysely imports bottle-sdk by its name, so that in a pod it shares what runs there.
  await bundle({
    root,
    target,
    entries: forNode,
    external: [own.name, ...peers],
    platform: 'node',
    engine: 'node24',
  });
  await bundle({
    root,
    target,
    entries: { [FOR_BROWSERS]: forBrowsers },
    external: [],
    platform: 'browser',
    engine: 'es2022',
  });
  const declarations = mapValues(sources, (path) => join(root, workspace, 'dist', `${path}.d.ts`));
  await bundleTypes(declarations, join(target, 'dist'), peers);
  await cp(join(root, 'protos/bottle'), join(target, 'bottle'), { recursive: true });
  const exported = Object.keys(sources).map((name) => [
    name === 'index' ? '.' : `./${name}`,
    { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
  ]);
  await stageManifest({
    root,
    target,
    workspace,
    fields: {
      name: own.name,
      description: own.description,
      keywords: own.keywords ?? [],
      exports: { ...(Object.fromEntries(exported) as object), './package.json': './package.json' },
      files: ['bottle', 'dist', 'src', 'THIRD-PARTY.md', 'CHANGELOG.md'],
      peerDependencies: own.peerDependencies,
      peerDependenciesMeta: own.peerDependenciesMeta,
    },
  });
}

/** What can be imported, by what stands behind "bottle-sdk/" ("index": nothing), and where its source is. */
function sourcesOf({ exports = {} }: Manifest): Record<string, string> {
  const entries = Object.entries(exports).flatMap(([key, target]) => {
    if (typeof target === 'string' || INTERNAL.has(key)) return [];
    const [, path = ''] = /^\.\/src\/(.*)\.ts$/.exec(target.source) ?? [];
    return [[key === '.' ? 'index' : key.slice(2), path] as const];
  });
  return Object.fromEntries(entries);
}

function mapValues(record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The SDK carries gRPC's libraries in its code; its types get along without theirs. */
function grpcTypes(): Plugin {
  const id = join(import.meta.dirname, 'grpc-types.d.ts');
  const handler = (specifier: string): string | undefined => (specifier.startsWith('@grpc/') ? id : undefined);
  return { name: 'grpc-types', resolveId: { order: 'pre', handler } };
}

/** One file of types for each entry, and one for what they share. */
async function bundleTypes(input: Record<string, string>, outdir: string, peers: readonly string[]): Promise<void> {
  const problems: string[] = [];
  const build = await rolldown({
    input,
    external: [/^node:/, 'bottle-sdk', ...peers],
    resolve: { conditionNames: ['import', 'default'] },
    shimMissingExports: true, // of gRPC's types, in declarations that are dropped afterwards
    plugins: [grpcTypes(), dts({ dtsOnly: true })],
    onLog: (level, log) => void (level === 'warn' && log.code !== 'SHIMMED_EXPORT' && problems.push(log.message)),
  });
  const { output } = await build.generate({ format: 'es', chunkFileNames: 'types-[hash].js' });
  await build.close();
  if (problems.length > 0) throw new ReleaseProblem(`the types of bottle-sdk:\n${problems.join('\n')}`);
  await mkdir(outdir, { recursive: true });
  for (const chunk of output) if (chunk.type === 'chunk') await writeFile(join(outdir, chunk.fileName), chunk.code);
}
