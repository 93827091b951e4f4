import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type IModule } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const PACKAGES = Object.freeze([
  'protos',
  'config-file',
  'capabilities',
  'bottle-sdk',
  'gateway-client',
  'function-runtime',
  'sidecar',
  'cli',
]);
/**
 * Who may import whom (docs: shared architecture). config-file reads YAML for both processes; capabilities has the ports
 * and embedded drivers that the sidecar and the SDK's testing fake share.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protos: [],
  'config-file': [],
  capabilities: ['protos'],
  'bottle-sdk': ['protos', 'capabilities', 'gateway-client'],
  'gateway-client': [],
  'function-runtime': ['bottle-sdk', 'protos', 'config-file'],
  sidecar: ['protos', 'config-file', 'capabilities'],
  cli: ['protos'], // where a log goes: the programs of a pod are processes to it
};
const STAGES = [
  'ingress',
  'route',
  'idempotency',
  'admission',
  'channel',
  'capabilities',
  'observe',
  'admin',
  'triggers/rpc',
  'triggers/cloudevents',
  'triggers/gateway',
  'triggers/timer',
];
/** The files that join stages. */
const JOINTS = new Set([
  'request-path.ts',
  'bottle-path.ts',
  'triggers.ts',
  'queued-event-plans.ts',
  'create-invoke-admin.ts',
  'sidecar.ts',
  'main.ts',
]);
const CLIENT_LIBRARIES: Readonly<Record<string, RegExp>> = {
  '@fastify/busboy': /^bottle-sdk\/src\/form\//,
  fastify: /^(sidecar\/src\/(ingress|admin)|bench)\//,
  'find-my-way': /^sidecar\/src\/route\//,
  ioredis: /^sidecar\/src\/capabilities\/(redis|cache|config|lock)\//,
  '@aws-sdk': /^sidecar\/src\/capabilities\/objects\//,
  mysql2: /^sidecar\/src\/capabilities\/db\//,
  kafkajs: /^sidecar\/src\/capabilities\/mq\//,
  cloudevents: /^sidecar\/src\/triggers\/cloudevents\//,
  croner: /^(sidecar\/src\/triggers\/timer|function-runtime\/src\/manifest)\//,
  undici: /^sidecar\/src\/capabilities\/http\//,
  cockatiel: /^sidecar\/src\/capabilities\/(policy|breakers)\.ts$/,
  esbuild: /^cli\/src\/build\//,
};

let modules: IModule[];
beforeAll(async () => {
  const { output } = await cruise(
    PACKAGES.map((name) => `${name}/src`),
    {
      baseDir: ROOT,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(\\.test\\.ts$|/generated/|^[\\w-]+/dist/)' },
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['source', 'import', 'require', 'node', 'default'],
      },
    },
  );
  modules = typeof output === 'string' ? [] : output.modules;
}, 60_000);

const sources = () => modules.filter(({ source }) => PACKAGES.some((name) => source.startsWith(`${name}/src/`)));
const packageOf = (path: string): string | undefined =>
  PACKAGES.find((name) => path.startsWith(`${name}/`) || path.includes(`/${name}/src/`));
const stageOf = (path: string): string | undefined => STAGES.find((stage) => path.startsWith(`sidecar/src/${stage}/`));

/** "importer → imported" for every import that breaks a rule. */
function violations(breaks: (from: string, to: string) => boolean): string[] {
  return sources().flatMap(({ source, dependencies }) =>
    dependencies.filter(({ resolved }) => breaks(source, resolved)).map(({ resolved }) => `${source} → ${resolved}`),
  );
}

describe('the architecture', () => {
  it('was looked at: every package has modules, and they import each other', () => {
    for (const name of PACKAGES)
      expect(sources().filter(({ source }) => source.startsWith(`${name}/`)).length).toBeGreaterThan(2);
    expect(
      violations((from, to) => packageOf(from) === 'sidecar' && packageOf(to) === 'protos').length,
    ).toBeGreaterThan(10);
    expect(
      violations((from, to) => stageOf(from) !== undefined && to === 'sidecar/src/layer.ts').length,
    ).toBeGreaterThan(5);
  });
  it('lets packages import only those below them', () => {
    const breaks = (from: string, to: string): boolean => {
      const [importer, imported] = [packageOf(from), packageOf(to)];
      return (
        importer !== undefined &&
        imported !== undefined &&
        importer !== imported &&
        !ALLOWED[importer]?.includes(imported)
      );
    };
    expect(violations(breaks)).toEqual([]);
    expect(breaks('sidecar/src/x.ts', 'function-runtime/src/y.ts')).toBe(true);
  });
  it('lets the command import sources alone: in a checkout it runs before anything is built', () => {
    const imported = sources()
      .filter(({ source }) => source.startsWith('cli/src/'))
      .flatMap(({ dependencies }) => dependencies.map(({ module }) => module))
      .filter((module) => module.startsWith('@bottle/') && module !== '@bottle/test-servers');
    expect(imported).toContain('@bottle/protos/log');
    for (const module of new Set(imported)) {
      const [, name = '', path = ''] = /^@bottle\/([\w-]+)(.*)$/.exec(module) ?? [];
      const { exports } = JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8')) as {
        exports: Record<string, unknown>;
      };
      expect(exports[`.${path}`]).toMatch(/^\.\/src\/.*\.ts$/);
    }
  });
  it('lets only the testing fake of the SDK import drivers', () => {
    const breaks = (from: string, to: string): boolean =>
      from.startsWith('bottle-sdk/src/') &&
      packageOf(to) === 'capabilities' &&
      !from.startsWith('bottle-sdk/src/testing/');
    expect(violations(breaks)).toEqual([]);
    expect(
      violations((from, to) => from.startsWith('bottle-sdk/src/testing/') && packageOf(to) === 'capabilities').length,
    ).toBeGreaterThan(0);
  });
  it('keeps a stage of the sidecar from importing a sibling stage', () => {
    const breaks = (from: string, to: string): boolean => {
      const [stage, other] = [stageOf(from), stageOf(to)];
      return stage !== undefined && other !== undefined && stage !== other;
    };
    expect(violations(breaks)).toEqual([]);
    expect(breaks('sidecar/src/route/a.ts', 'sidecar/src/channel/b.ts')).toBe(true);
  });
  it('joins stages only in the paths and the composition root', () => {
    const shared = readdirSync(join(ROOT, 'sidecar/src')).filter((name) => name.endsWith('.ts') && !JOINTS.has(name));
    const breaks = (from: string, to: string): boolean =>
      shared.includes(from.slice('sidecar/src/'.length)) && stageOf(to) !== undefined;
    expect(shared).toContain('layer.ts');
    expect(violations(breaks)).toEqual([]);
  });
  it('keeps client libraries where they belong', () => {
    for (const [library, place] of Object.entries(CLIENT_LIBRARIES)) {
      const isIt = (to: string): boolean => to.includes(`node_modules/${library}/`);
      expect(violations((from, to) => isIt(to) && !place.test(from))).toEqual([]);
      expect(violations((_from, to) => isIt(to)).length).toBeGreaterThan(0);
    }
  });
});

describe('every source file', () => {
  const texts = () =>
    sources().map(({ source }) => ({ source, text: withoutComments(readFileSync(join(ROOT, source), 'utf8')) }));
  const matching = (pattern: RegExp, except: RegExp): string[] =>
    texts()
      .filter(({ source, text }) => pattern.test(text) && !except.test(source))
      .map(({ source }) => source);

  it('leaves the environment and the exit to main.ts', () => {
    expect(matching(/process\.(env|exit)\b/, /\/main\.ts$/)).toEqual([]);
    expect(matching(/process\.env\b/, /^$/).length).toBeGreaterThan(1);
  });
  it('has no default exports, no export *, and no module-level state', () => {
    expect(matching(/^export (default|\*)/m, /^$/)).toEqual([]);
    expect(matching(/^let /m, /\/main\.ts$|-thread\.ts$/)).toEqual([]);
  });
});

describe('the images', () => {
  it('start programs with the flags of their packages', () => {
    for (const [name, directory] of [
      ['sidecar', 'sidecar'],
      ['runtime', 'function-runtime'],
    ] as const) {
      const manifest = readFileSync(join(ROOT, directory, 'package.json'), 'utf8');
      const { nodeFlags } = JSON.parse(manifest) as { nodeFlags: string[] };
      const [, entrypoint = '[]'] =
        /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(ROOT, `Dockerfile.${name}`), 'utf8')) ?? [];
      expect(JSON.parse(entrypoint)).toEqual(['node', ...nodeFlags, `/app/${directory}/dist/main.js`]);
    }
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}
