import { parse, parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { type KubernetesObject, type Manifest, toYamlStream } from './manifest.ts';
import { find, OPERATOR, renderShop, SHOP } from './testing/fixture.ts';
import { asRecord, fieldsAt } from './testing/field-paths.ts';
import { knativeProblems } from './testing/knative-limits.ts';
import { rulesBroken } from './testing/pod-rules.ts';
import { securityProblems } from './testing/pod-security.ts';
import { podSpecs, relationProblems } from './testing/relations.ts';
import { schemaProblems } from './testing/schemas.ts';

const GROUPS: Readonly<Record<string, string>> = {
  'no groups': '',
  'HTTP groups': `aggregation:
  items: { functions: [listItems, showItem] }
  cart: { functionsPattern: ["*Cart"] }
`,
  'HTTP, rpc and event groups, one deployed function by function, too': `aggregation:
  items: { functions: [listItems, showItem, itemImage] }
  stock: { functions: [reserve, priceOf] }
  cart: { deployOrigin: true, functionsPattern: ["*Cart"] }
  queue: { functions: [onOrder, onEvent] }
`,
};
const VARIANTS = ['deployment', 'knative', 'keda'] as const;

const combinations = Object.entries(GROUPS).flatMap(([groups, aggregation]) =>
  VARIANTS.flatMap((variant) =>
    ['', OPERATOR].flatMap((operator) =>
      [false, true].map((legacySidecar) => ({
        title: `${groups}, ${variant}, ${operator === '' ? 'no sidecar.yml' : 'sidecar.yml'}${legacySidecar ? ', legacy' : ''}`,
        aggregation,
        variant,
        operator,
        legacySidecar,
      })),
    ),
  ),
);

describe.each(combinations)('$title', ({ title: _title, ...given }) => {
  const manifests = renderShop({ ...given, namespace: 'shop', hosts: ['shop.example.com'] });
  const objects = manifests.map(({ object }) => object);
  const specs = podSpecs(objects);

  it('is valid by the published schemas', async () => {
    expect(objects.length).toBeGreaterThan(8);
    const problems = await Promise.all(
      objects.map(async (object) =>
        (await schemaProblems(object)).map((problem) => `${object.kind} ${object.metadata.name}: ${problem}`),
      ),
    );
    expect(problems.flat()).toEqual([]);
  });
  it('has pods that the level restricted accepts', () => {
    expect(specs.length).toBeGreaterThan(1);
    expect(specs.flatMap(({ owner, spec }) => securityProblems(spec).map((text) => `${owner}: ${text}`))).toEqual([]);
  });
  it('has pods that start, drain and end as they must', () => {
    const deployed = specs.filter(({ owner }) => owner.startsWith('Deployment'));
    expect(deployed.length).toBeGreaterThan(0);
    expect(deployed.flatMap(({ owner, spec }) => rulesBroken(spec).map((text) => `${owner}: ${text}`))).toEqual([]);
  });
  it('names nothing that is not there', () => {
    expect(relationProblems(objects)).toEqual([]);
  });
  it('is what Knative takes, where it is Knative', () => {
    const knative = specs.filter(({ owner }) => owner.startsWith('Service'));
    expect(knative.length > 0).toBe(given.variant === 'knative' && given.aggregation.includes('items'));
    expect(knative.flatMap(({ spec }) => knativeProblems(spec))).toEqual([]);
  });
  it('is one YAML stream with a comment above each object', () => {
    const text = toYamlStream(manifests, 'Title');
    const documents = parseAllDocuments(text).filter(({ contents }) => contents !== null);
    expect(documents.map((document) => document.toJS() as unknown)).toEqual(objects);
    expect(
      text
        .split('---\n')
        .slice(1)
        .every((document) => document.startsWith('# ')),
    ).toBe(true);
    expect(text).not.toMatch(/[&*]a\d/); // no YAML anchors
  });
});

const deployments = (manifests: readonly Manifest[]): KubernetesObject[] =>
  manifests.flatMap(({ object }) => (object.kind === 'Deployment' ? [object] : []));
const containerOf = (object: KubernetesObject, name: string): Readonly<Record<string, unknown>> => {
  const lists = ['containers', 'initContainers'].flatMap((list) => fieldsAt(object.spec, `template.spec.${list}[*]`));
  return asRecord(lists.find(({ value }) => asRecord(value)['name'] === name)?.value);
};
const environmentOf = (object: KubernetesObject, container: string): Record<string, unknown> =>
  Object.fromEntries(
    fieldsAt(containerOf(object, container), 'env[*]').map(({ value }) => {
      const variable = asRecord(value);
      return [String(variable['name']), variable['value'] ?? variable['valueFrom']];
    }),
  );
const configOf = (manifests: readonly Manifest[], name: string): string =>
  String(asRecord(find(manifests, 'ConfigMap', name)['data'])['sidecar.yml']);

describe('functions are packed into pods by serverless.yml alone', () => {
  const packed = (aggregation: string) =>
    Object.fromEntries(
      deployments(renderShop({ aggregation })).map((object) => [
        object.metadata.name,
        environmentOf(object, 'function')['BOTTLE_FUNCTIONS'],
      ]),
    );
  it('one Deployment for requests, one for events', () => {
    expect(packed('')).toEqual({
      shop: 'listItems,showItem,itemImage,showCart,putCart,reserve,mobileCart,onWebhook,priceOf',
      'shop-events': 'onOrder,onEvent,sweep',
    });
  });
  it('one for each group, and for each function of one with deployOrigin', () => {
    const aggregation = 'aggregation:\n  theCart: { deployOrigin: true, functions: [showCart, putCart] }\n';
    expect(packed(aggregation)).toEqual({
      'shop-the-cart': 'showCart,putCart',
      shop: 'listItems,showItem,itemImage,reserve,mobileCart,onWebhook,priceOf',
      'shop-events': 'onOrder,onEvent,sweep',
      'shop-show-cart': 'showCart',
      'shop-put-cart': 'putCart',
    });
  });
  it('without a list where one Deployment has all functions, those of a later image included', () => {
    const serverless = 'service: shop\nfunctions: { a: { handler: a.b }, b: { handler: a.c } }\n';
    const [only] = deployments(renderShop({ serverless }));
    expect(environmentOf(only as KubernetesObject, 'function')).toEqual({ BOTTLE_SOCKET_DIR: '/run/bottle' });
  });
  it('with a function of another pod behind the same name as before', () => {
    const manifests = renderShop({
      aggregation: 'aggregation: { stock: { functions: [reserve, priceOf] } }\n',
      operator: OPERATOR,
    });
    const rpc = (name: string) => asRecord(asRecord(asRecord(parse(configOf(manifests, name)))['resources'])['rpc']);
    expect(rpc('shop')).toEqual({ priceOf: { driver: 'functions', dns: 'shop-stock-rpc:9090', function: 'priceOf' } });
    expect(rpc('shop-events')).toEqual({
      reserve: { driver: 'functions', dns: 'shop-stock-rpc:9090', function: 'reserve' },
    });
    expect(rpc('shop-stock')).toEqual({});
    expect(configOf(manifests, 'shop')).toContain('# one is enough'); // comments stay
    expect(find(manifests, 'Service', 'shop-stock-rpc')['spec']).toMatchObject({ clusterIP: 'None' });
    expect(environmentOf(find(manifests, 'Deployment', 'shop-stock'), 'sidecar')['BOTTLE_RPC_ENABLED']).toBe('true');
  });
  it('unless the operator has said where that function is', () => {
    const operator = 'resources: { rpc: { priceOf: { driver: grpc, addresses: ["prices:1"] } } }\n';
    const manifests = renderShop({ aggregation: 'aggregation: { stock: { functions: [priceOf] } }\n', operator });
    expect(configOf(manifests, 'shop')).toBe(operator);
  });
});

describe('a pod', () => {
  it('has the memory of its largest function, and time for its slowest', () => {
    const manifests = renderShop({ operator: OPERATOR });
    const [http, events] = ['shop', 'shop-events'].map((name) => find(manifests, 'Deployment', name));
    const grace = (object: unknown) => fieldsAt(object, 'spec.template.spec.terminationGracePeriodSeconds')[0]?.value;
    expect([grace(http), grace(events)]).toEqual([5 + 120 + 10, 5 + 20 + 10]);
    expect(fieldsAt(containerOf(http as KubernetesObject, 'function'), 'resources.limits.memory')[0]?.value).toBe(
      '900Mi',
    );
    expect(fieldsAt(containerOf(events as KubernetesObject, 'function'), 'resources.limits.memory')[0]?.value).toBe(
      '300Mi',
    );
    expect(environmentOf(http as KubernetesObject, 'sidecar')['BOTTLE_DRAIN_BUDGET_MS']).toBe('120000');
  });
  it('leaves the drain to the operator who has set it', () => {
    const manifests = renderShop({ operator: 'drain: { propagationMs: 1000, budgetMs: 7000 }\n' });
    const object = find(manifests, 'Deployment', 'shop');
    expect(fieldsAt(object, 'spec.template.spec.terminationGracePeriodSeconds')[0]?.value).toBe(18);
    expect(environmentOf(object, 'sidecar')).toMatchObject({
      BOTTLE_DRAIN_PROPAGATION_MS: '1000',
      BOTTLE_DRAIN_BUDGET_MS: '7000',
    });
  });
  it('gets from the Secret what sidecar.yml refers to, in the sidecar alone', () => {
    const object = find(renderShop({ operator: OPERATOR }), 'Deployment', 'shop');
    const { REDIS_URL, KAFKA_BROKER, KAFKA_USER } = environmentOf(object, 'sidecar');
    expect(REDIS_URL).toEqual({ secretKeyRef: { name: 'shop-secrets', key: 'REDIS_URL' } });
    expect(KAFKA_BROKER).toEqual({ secretKeyRef: { name: 'shop-secrets', key: 'KAFKA_BROKER', optional: true } });
    expect(KAFKA_USER).toEqual({ secretKeyRef: { name: 'shop-secrets', key: 'KAFKA_USER' } });
    const secrets = fieldsAt(object, 'spec.template.spec.volumes[*].secret').find(({ value }) => value !== undefined);
    expect(secrets?.value).toMatchObject({
      secretName: 'shop-secrets',
      items: [{ key: 'redis-ca.pem', path: 'redis-ca.pem' }],
    });
    expect(JSON.stringify(containerOf(object, 'function'))).not.toMatch(/secret/i);
  });
  it('is another one when sidecar.yml has changed', () => {
    const hash = (operator: string) =>
      fieldsAt(find(renderShop({ operator }), 'Deployment', 'shop'), 'spec.template.metadata.annotations')[0]?.value;
    expect(hash('log: { level: info }\n')).not.toEqual(hash('log: { level: warn }\n'));
  });
  it('has its sidecar started first and stopped last, or beside it with --legacy-sidecar', () => {
    const spec = (legacySidecar: boolean) =>
      asRecord(fieldsAt(find(renderShop({ legacySidecar }), 'Deployment', 'shop'), 'spec.template.spec')[0]?.value);
    expect(fieldsAt(spec(false), 'initContainers[*]').map(({ value }) => asRecord(value)['name'])).toEqual(['sidecar']);
    expect(fieldsAt(spec(false), 'initContainers[*].restartPolicy').map(({ value }) => value)).toEqual(['Always']);
    expect(spec(true)).not.toHaveProperty('initContainers');
    expect(fieldsAt(spec(true), 'containers[*]').map(({ value }) => asRecord(value)['name'])).toEqual([
      'sidecar',
      'function',
    ]);
    expect(fieldsAt(spec(true), 'containers[*].restartPolicy').map(({ value }) => value)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('the network', () => {
  it('reaches the serving ports, Prometheus the metrics, and nobody the admin port', () => {
    const manifests = renderShop();
    const ports = (name: string) =>
      fieldsAt(find(manifests, 'NetworkPolicy', name), 'spec.ingress[*]').map(({ value }) => ({
        ports: fieldsAt(value, 'ports[*].port').map((field) => field.value),
        from: asRecord(value)['from'],
      }));
    const prometheus = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
    expect(ports('shop')).toEqual([{ ports: [8080, 9090] }, { ports: [9464], from: prometheus }]);
    expect(ports('shop-events')).toEqual([{ ports: [9464], from: prometheus }]);
  });
});

describe('with KEDA', () => {
  const aggregation = 'aggregation: { queue: { functions: [onOrder, onEvent] } }\n';
  const scaled = (name: string, given: object = {}) =>
    asRecord(
      find(renderShop({ aggregation, operator: OPERATOR, variant: 'keda', ...given }), 'ScaledObject', name)['spec'],
    );

  it('consumers of topics are scaled by their lag, down to none', () => {
    const { minReplicaCount, triggers } = scaled('shop-queue');
    expect(minReplicaCount).toBe(0);
    expect(triggers).toMatchObject([
      { type: 'prometheus', metadata: { query: 'sum(bottle_in_flight{service="shop-queue"})', threshold: '140' } },
      { type: 'prometheus', metadata: { query: 'sum(bottle_waiting{service="shop-queue"})', threshold: '1' } },
      {
        type: 'kafka',
        metadata: {
          bootstrapServers: 'kafka:9092',
          topic: 'shop.orders',
          consumerGroup: 'shop.onOrder',
          lagThreshold: '200',
          sasl: 'scram_sha512',
          tls: 'enable',
        },
        authenticationRef: { name: 'shop-queue-orders' },
      },
      { type: 'kafka', metadata: { topic: 'shop.events', consumerGroup: 'shop.onEvent' } },
    ]);
  });
  it('what has timers or answers requests is never scaled to none', () => {
    expect([scaled('shop').minReplicaCount, scaled('shop-events').minReplicaCount]).toEqual([2, 2]);
    expect(fieldsAt(scaled('shop'), 'triggers[*].type').map(({ value }) => value)).toEqual([
      'cpu',
      'prometheus',
      'prometheus',
    ]);
  });
  it('the brokers come from the environment of whoever renders, or it says what is missing', () => {
    const operator = OPERATOR.replace(':-kafka:9092', '');
    expect(scaled('shop-queue', { operator, env: { KAFKA_BROKER: 'b:1' } })).toMatchObject({
      triggers: expect.arrayContaining([
        expect.objectContaining({ metadata: expect.objectContaining({ bootstrapServers: 'b:1' }) as unknown }),
      ]) as unknown,
    });
    expect(() => scaled('shop-queue', { operator })).toThrow(
      'mq.orders is at ${KAFKA_BROKER}, which KEDA cannot look up: set KAFKA_BROKER when you render',
    );
  });
});

describe('what cannot be rendered says why', () => {
  const service = (text: string) => SHOP.replace('service: shop', `service: ${text}`);
  it.each([
    [
      'a group whose name Kubernetes does not take',
      { aggregation: 'aggregation: { a_: { functions: [showCart] } }\n' },
      'cannot be a name in Kubernetes',
    ],
    ['names that are too long', { serverless: service('s'.repeat(60)) }, 'longer than 59 characters'],
    [
      'two groups of one name',
      { aggregation: 'aggregation: { a_b: { functions: [showCart] }, aB: { functions: [putCart] } }\n' },
      'the group a_b and the group aB would both be "shop-a-b"',
    ],
    ['a sidecar.yml that is no YAML', { operator: 'a: [' }, 'sidecar.yml: '],
    ['a sidecar.yml that is a list', { operator: '- a' }, 'sidecar.yml: expected a mapping of settings'],
    [
      'a file that is not in the pod',
      { operator: 'rpc: { tls: { cert: "${file:/root/cert.pem}" } }' },
      '${file:/root/cert.pem} is not in the pod; the Secret’s keys are files in /etc/bottle/secrets/',
    ],
  ])('%s', (_title, given, message) => {
    expect(() => renderShop(given)).toThrow(message);
  });
});
