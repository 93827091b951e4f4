import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { readManifest, stageManifest } from './stage.ts';

/** Programs of the package, and the SDK that functions get. `init` runs on old Node.js: see bin/bottle.js. */
const PROGRAMS = {
  cli: 'cli/src/main.ts',
  sidecar: 'sidecar/src/main.ts',
  'function-runtime': 'function-runtime/src/main.ts',
  sdk: 'bottle-sdk/src/index.ts',
} as const;
const SCHEMAS = ['function-runtime/serverless.schema.json', 'sidecar/sidecar.schema.json'] as const;
/** .proto files that libraries in the bundles read at run time, and the pod's own. */
const PROTO_FOLDERS = {
  'protos/bottle': 'bottle',
  'protos/grpc': 'grpc',
  'node_modules/grpc-health-check/proto': 'proto',
  'node_modules/@grpc/grpc-js/proto': 'proto',
} as const;
/** Oldest Node.js that `init` runs on. */
const INIT_ENGINE = 'node18';

/** `bottle-cli`: the command, and both processes of the pod. */
export async function stageCommand(root: string, target: string): Promise<void> {
  const workspace = 'cli';
  const own = await readManifest(root, workspace);
  const { esbuild = '' } = own.dependencies ?? {};
  await bundle({ root, target, entries: PROGRAMS, external: ['esbuild'], platform: 'node', engine: 'node24' });
  await bundleInit(root, target);
  for (const file of SCHEMAS) await cp(join(root, file), join(target, file.slice(file.lastIndexOf('/') + 1)));
  for (const [from, to] of Object.entries(PROTO_FOLDERS))
    await cp(join(root, from), join(target, to), { recursive: true });
  await cp(join(root, workspace, 'bin'), join(target, 'bin'), { recursive: true });
  await stageManifest({
    root,
    target,
    workspace,
    fields: {
      name: own.name,
      description: own.description,
      keywords: own.keywords ?? [],
      engines: { node: '>=18' }, // what starts it; what it then needs, it says by itself
      bin: { bottle: './bin/bottle.js' },
      imports: { '#sdk': './dist/sdk.js' },
      exports: {
        './serverless.schema.json': './serverless.schema.json',
        './sidecar.schema.json': './sidecar.schema.json',
        './package.json': './package.json',
      },
      files: ['bin', 'bottle', 'dist', 'grpc', 'proto', 'src', '*.schema.json', 'THIRD-PARTY.md', 'CHANGELOG.md'],
      dependencies: { esbuild },
      peerDependencies: { 'bottle-sdk': own.version },
      peerDependenciesMeta: { 'bottle-sdk': { optional: true } },
      nodeFlags: {
        sidecar: (await readManifest(root, 'sidecar')).nodeFlags,
        'function-runtime': (await readManifest(root, 'function-runtime')).nodeFlags,
      },
    },
  });
}

/** `create-bottle`, for `npm create bottle`: `bottle init` and nothing else. */
export async function stageCreate(root: string, target: string): Promise<void> {
  const workspace = 'create-bottle';
  const own = await readManifest(root, workspace);
  await bundleInit(root, target);
  await mkdir(join(target, 'bin'), { recursive: true });
  await cp(join(root, workspace, 'bin'), join(target, 'bin'), { recursive: true });
  await stageManifest({
    root,
    target,
    workspace,
    fields: {
      name: own.name,
      description: own.description,
      keywords: own.keywords ?? [],
      engines: { node: '>=18' },
      bin: { 'create-bottle': './bin/create-bottle.js' },
      exports: { './package.json': './package.json' },
      files: ['bin', 'dist', 'src', 'CHANGELOG.md'],
    },
  });
}

async function bundleInit(root: string, target: string): Promise<void> {
  const entries = { init: 'cli/src/run-init.ts' };
  await bundle({ root, target, entries, external: [], platform: 'node', engine: INIT_ENGINE });
}
