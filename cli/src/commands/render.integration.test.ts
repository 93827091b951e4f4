import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/bottle.js');
const SERVERLESS = 'service: tiny\nfunctions: { a: { handler: src/a.b, events: [{ http: { path: /a } }] } }\n';
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'render-command-'));
  writeFileSync(join(directory, 'serverless.yml'), SERVERLESS);
  writeFileSync(join(directory, 'package.json'), '{ "version": "2.3.4" }');
});
afterAll(() => rmSync(directory, { recursive: true }));

function bottle(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [BIN, 'render', ...args], { cwd: directory, encoding: 'utf8' });
}

it('writes one stream, titled, of objects that kubectl takes, from a project whose code need not be there', () => {
  const { status, stdout, stderr } = bottle();
  expect(status).toBe(0);
  expect(stderr).toBe('warning: no resources are configured: each pod keeps its own, and loses them when it ends\n');
  expect(stdout).toMatch(/^# tiny on Kubernetes: 1 function in 1 group, variant "deployment"\.\n/);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as { kind: string });
  expect(objects.map(({ kind }) => kind)).toEqual([
    'ServiceAccount',
    'ConfigMap',
    'Deployment',
    'Service',
    'HTTPRoute',
    'HorizontalPodAutoscaler',
    'PodDisruptionBudget',
    'NetworkPolicy',
    'ServiceMonitor',
  ]);
  expect(stdout).toContain('image: tiny:2.3.4');
  expect(bottle().stdout).toBe(stdout);
});

it('takes images, namespace, numbers, hosts and the Gateway from its flags', () => {
  const flags = '--image r/f:1 --sidecar-image r/s:2 --namespace prod --replicas 12 --host a.example --host b.example';
  const { stdout } = bottle(...flags.split(' '), '--gateway', 'infra/public', '--monitoring-namespace', 'observe');
  const objects = parseAllDocuments(stdout).map(
    (document) => document.toJS() as { kind: string; metadata: { namespace: string }; spec: object },
  );
  expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['prod']));
  expect(stdout).toMatch(/image: r\/s:2[^]*image: r\/f:1/);
  const spec = (kind: string): object | undefined => objects.find((object) => object.kind === kind)?.spec;
  expect(spec('HorizontalPodAutoscaler')).toMatchObject({ minReplicas: 12, maxReplicas: 12 });
  expect(spec('HTTPRoute')).toMatchObject({
    parentRefs: [{ name: 'public', namespace: 'infra' }],
    hostnames: ['a.example', 'b.example'],
  });
  expect(JSON.stringify(spec('NetworkPolicy'))).toContain('"kubernetes.io/metadata.name":"observe"');
});

it('writes files and a kustomization, takes away what it wrote before, and refuses a directory with anything else', () => {
  const out = join(directory, 'out');
  expect(bottle('--out', 'out', '--variant', 'keda').status).toBe(0);
  expect(existsSync(join(out, 'tiny.scaledobject.yaml'))).toBe(true);
  writeFileSync(join(out, 'mine.yaml'), 'kind: Mine\n');
  const before = readdirSync(out);
  expect(bottle('--out', 'out')).toMatchObject({
    status: 64,
    stderr: expect.stringContaining('something else in it than manifests of bottle render (mine.yaml)') as string,
  });
  expect(readdirSync(out)).toEqual(before);
  rmSync(join(out, 'mine.yaml'));
  const { stdout, stderr } = bottle('--out', 'out');
  expect(stdout).toBe('');
  expect(stderr).toContain('out/tiny.deployment.yaml\n');
  expect(readdirSync(out).sort()).toEqual([
    'kustomization.yaml',
    'tiny.configmap.yaml',
    'tiny.deployment.yaml',
    'tiny.horizontalpodautoscaler.yaml',
    'tiny.httproute.yaml',
    'tiny.networkpolicy.yaml',
    'tiny.poddisruptionbudget.yaml',
    'tiny.service.yaml',
    'tiny.serviceaccount.yaml',
    'tiny.servicemonitor.yaml',
  ]);
  expect(readFileSync(join(out, 'kustomization.yaml'), 'utf8')).not.toContain('scaledobject');
});

it('uses the operator’s file beside the project, or the one it is given', () => {
  writeFileSync(join(directory, 'sidecar.yml'), 'resources: { cache: { a: { driver: memory } } } # beside\n');
  writeFileSync(join(directory, 'other.yml'), 'resources: { cache: { a: { driver: memory } } } # given\n');
  expect(bottle().stdout).toContain('# beside');
  const { stdout, stderr } = bottle('.', '--config', 'other.yml');
  expect([stdout.includes('# given'), stdout.includes('# beside')]).toEqual([true, false]);
  expect(stderr).toMatch(/^warning: other\.yml:1 {2}resources\.cache\.a: /);
  rmSync(join(directory, 'sidecar.yml'));
});

it('warns on standard error of each embedded resource that several pods would each have, and renders all the same', () => {
  const embedded = 'resources:\n  mq:\n    orders: { driver: embedded }\n  db: { shop: { driver: sqlite } }\n';
  writeFileSync(join(directory, 'embedded.yml'), embedded);
  const { status, stdout, stderr } = bottle('--config', 'embedded.yml', '--max-replicas', '3');
  expect([status, stderr]).toEqual([
    0,
    "warning: embedded.yml:3  resources.mq.orders: `driver: embedded` is each pod's own, and there can be 3 of each kind: a message is read only where it was published; use `driver: kafka`\n" +
      "warning: embedded.yml:4  resources.db.shop: `driver: sqlite` is each pod's own, and there can be 3 of each kind: rows that one writes, the others do not have; use `driver: mysql`\n",
  ]);
  expect(stdout).toContain('kind: HorizontalPodAutoscaler');
  expect(stdout).not.toContain('warning:');
  const alone = bottle('--config', 'embedded.yml', '--replicas', '1', '--max-replicas', '1');
  expect([alone.status, alone.stderr]).toEqual([0, '']);
});

it.each([
  [['--variant', 'helm'], 64, 'bottle: --variant is one of deployment, knative, keda, not "helm"\n'],
  [['--replicas', '0'], 64, 'bottle: --replicas is a whole number from 1 on, not "0"\n'],
  [['--replicas', '3', '--max-replicas', '2'], 64, 'bottle: --max-replicas 2 is less than --replicas 3\n'],
  [['--namespace', 'Prod'], 64, 'bottle: --namespace is lower-case letters, digits and "-", not "Prod"\n'],
  [
    ['--gateway', 'a/b/c'],
    64,
    'bottle: --gateway is a name, or a namespace and a name, such as "infra/public", not "a/b/c"\n',
  ],
  [['nowhere'], 64, 'bottle: there is no directory nowhere\n'],
  [['--config', 'nothing.yml'], 78, 'bottle: nothing.yml cannot be read: '],
])('refuses %j with %i', (args, code, message) => {
  const { status, stdout, stderr } = bottle(...args);
  expect([status, stdout]).toEqual([code, '']);
  expect(stderr).toContain(message);
});

it('says with file and line what is wrong with serverless.yml, and exits with 78', () => {
  const project = mkdtempSync(join(tmpdir(), 'render-wrong-'));
  writeFileSync(join(project, 'serverless.yml'), `${SERVERLESS}aggregation:\n  all: { functions: [a, c] }\n`);
  const { status, stdout, stderr } = bottle(project);
  rmSync(project, { recursive: true });
  expect([status, stdout]).toEqual([78, '']);
  expect(stderr).toContain('serverless.yml:4  aggregation.all.functions.1: there is no function "c"');
});
