// deploy/kubernetes: the base as it stands, and each overlay as kustomize builds it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { KubernetesObject } from './manifest.ts';
import { parseOperatorFile } from './operator-file.ts';
import { readProjectPlan } from './project-plan.ts';
import { renderProject } from './render-project.ts';
import { asRecord, fieldsAt } from './testing/field-paths.ts';
import { OPTIONS } from './testing/fixture.ts';
import { rulesBroken } from './testing/pod-rules.ts';
import { securityProblems } from './testing/pod-security.ts';
import { podSpecs, relationProblems } from './testing/relations.ts';
import { schemaProblems } from './testing/schemas.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const KUBERNETES = join(ROOT, 'deploy/kubernetes');
const OVERLAYS = ['dev', 'production', 'two-containers'];

/** What builds overlays here: BOTTLE_KUSTOMIZE names a program, otherwise one of these is found. */
const CANDIDATES: readonly (readonly string[])[] = [
  ...(process.env['BOTTLE_KUSTOMIZE'] ? [[process.env['BOTTLE_KUSTOMIZE'], 'build']] : []),
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
];
const kustomize = CANDIDATES.find(([program = '', ...args]) => spawnSync(program, [...args, '--help']).status === 0);
if (!kustomize) {
  const hint = 'go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1, or put kubectl on the path';
  process.stderr.write(`NOT TESTED: the overlays of deploy/kubernetes, for there is no kustomize (${hint})\n`);
}

function read(file: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubernetesObject);
}

function build(overlay: string): KubernetesObject[] {
  const [program = '', ...args] = kustomize ?? [];
  const { status, stdout, stderr } = spawnSync(program, [...args, join(KUBERNETES, 'overlays', overlay)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}

async function problemsOf(objects: readonly KubernetesObject[]): Promise<string[]> {
  const specs = podSpecs(objects);
  expect(specs.length).toBeGreaterThan(0);
  const schema = await Promise.all(objects.map(schemaProblems));
  return [
    ...schema.flat(),
    ...specs.flatMap(({ spec }) => [...securityProblems(spec), ...rulesBroken(spec)]),
    ...relationProblems(objects),
  ];
}

const environmentOf = (objects: readonly KubernetesObject[]): Record<string, Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    ['containers', 'initContainers']
      .flatMap((list) => podSpecs(objects).flatMap(({ spec }) => fieldsAt(spec, `${list}[*].env[*]`)))
      .map(({ value }) => [String(asRecord(value)['name']), asRecord(value)]),
  );

describe('the base', () => {
  const names = readdirSync(join(KUBERNETES, 'base')).filter((name) => name !== 'kustomization.yaml');
  it('is valid, secure and consistent', async () => {
    expect(names.length).toBeGreaterThan(8);
    expect(await problemsOf(names.flatMap((name) => read(join(KUBERNETES, 'base', name))))).toEqual([]);
  });
  it('is listed file by file', () => {
    const { resources } = parse(readFileSync(join(KUBERNETES, 'base/kustomization.yaml'), 'utf8')) as {
      resources: string[];
    };
    expect(resources.toSorted()).toEqual(names.toSorted());
  });
});

describe('an overlay', () => {
  it.each([...OVERLAYS.map((name) => `overlays/${name}`), 'components/two-containers'])(
    'names files that are there: %s',
    (folder) => {
      const {
        resources = [],
        components = [],
        patches = [],
      } = parse(readFileSync(join(KUBERNETES, folder, 'kustomization.yaml'), 'utf8')) as {
        resources?: string[];
        components?: string[];
        patches?: { path: string }[];
      };
      const named = [...resources, ...components, ...patches.map(({ path }) => path)];
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((name) => !existsSync(join(KUBERNETES, folder, name)))).toEqual([]);
    },
  );
});

describe.skipIf(!kustomize)('what kustomize builds', () => {
  it.each(OVERLAYS)('is valid, secure and consistent: %s', async (overlay) => {
    expect(await problemsOf(build(overlay))).toEqual([]);
  });
  it('for two containers is what `bottle render --legacy-sidecar` writes', () => {
    const plan = readProjectPlan(join(ROOT, 'examples/light-store'));
    if (typeof plan === 'number') throw new Error('light-store cannot be rendered');
    const operator = parseOperatorFile(
      readFileSync(join(ROOT, 'examples/light-store/sidecar.real.yml'), 'utf8'),
      'sidecar.real.yml',
    );
    const options = { ...OPTIONS, image: 'light-store:0.1.0', legacySidecar: true };
    const rendered = renderProject(plan, operator, options).map(({ object }) => object);
    const byKind = (objects: readonly KubernetesObject[]): Record<string, KubernetesObject> =>
      Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
    expect(byKind(build('two-containers'))).toEqual(byKind(rendered));
  });
  it('for development is one pod of a group, which needs no Secret and no other server', () => {
    const objects = build('dev');
    expect([...new Set(objects.map(({ kind }) => kind))].toSorted()).toEqual([
      'ConfigMap',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'Service',
      'ServiceAccount',
    ]);
    for (const object of objects.filter(({ kind }) => kind === 'Deployment'))
      expect(object).toMatchObject({ spec: { replicas: 1 } });
    const secrets = Object.values(environmentOf(objects)).filter((variable) => 'valueFrom' in variable);
    expect(secrets.length).toBeGreaterThan(0);
    for (const variable of secrets) expect(variable).toMatchObject({ valueFrom: { secretKeyRef: { optional: true } } });
    for (const object of objects.filter(({ kind }) => kind === 'ConfigMap'))
      expect(String(asRecord(object['data'])['sidecar.yml'])).not.toContain('resources');
  });
  it('for production starts no pod without a token, and three at least, in a namespace that refuses others', () => {
    const objects = build('production');
    const { BOTTLE_ADMIN_TOKEN, MYSQL_URL } = environmentOf(objects);
    expect(BOTTLE_ADMIN_TOKEN).toMatchObject({ valueFrom: { secretKeyRef: { optional: false } } });
    expect(MYSQL_URL).toMatchObject({ valueFrom: { secretKeyRef: { name: 'light-store-secrets', key: 'MYSQL_URL' } } });
    for (const object of objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler'))
      expect(object).toMatchObject({ spec: { minReplicas: 3 } });
    expect(objects.find(({ kind }) => kind === 'Namespace')).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    expect(
      objects.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata['namespace'] !== 'light-store'),
    ).toEqual([]);
  });
});
