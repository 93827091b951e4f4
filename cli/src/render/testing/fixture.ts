import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubernetesObject, type Manifest } from '../manifest.ts';
import { parseOperatorFile } from '../operator-file.ts';
import { type ProjectPlan, readProjectPlan } from '../project-plan.ts';
import type { RenderOptions } from '../render-options.ts';
import { renderProject } from '../render-project.ts';

export const OPTIONS: RenderOptions = {
  variant: 'deployment',
  image: 'shop:1.0.0',
  sidecarImage: 'bottle-sidecar:0.1.0',
  namespace: undefined,
  replicas: 2,
  maxReplicas: 10,
  legacySidecar: false,
  hosts: [],
  gateway: { name: 'gateway', namespace: undefined },
  monitoringNamespace: 'monitoring',
  prometheusUrl: 'http://prometheus-operated.monitoring.svc:9090',
  env: {},
};

/** Functions of every kind. */
export const SHOP = `service: shop
provider: { timeout: 20, memorySize: 300 }
functions:
  listItems: { handler: src/a.b, uses: ["cache.items"], events: [{ http: { path: /items, method: get } }] }
  showItem: { handler: src/a.b, uses: [rpc.priceOf], events: [{ http: { path: "/items/:id", method: get } }] }
  itemImage: { handler: src/a.b, memorySize: 900, timeout: 2m, events: [{ http: { path: "/items/:id/image", method: get } }] }
  showCart: { handler: src/a.b, events: [{ http: { path: /cart, method: get } }] }
  putCart: { handler: src/a.b, concurrency: 20, events: [{ http: { path: /cart, method: put } }, { http: { path: "/carts/*", host: carts.example.com } }] }
  reserve: { handler: src/a.b, events: [{ rpc: { proto: a.proto, service: shop.v1.Stock, method: Reserve } }] }
  mobileCart: { handler: src/a.b, events: [{ mtop: { api: shop.cart.show } }] }
  onWebhook: { handler: src/a.b, events: [{ cloudevents: { path: /hooks } }] }
  priceOf: { handler: src/a.b, uses: [] }
  onOrder: { handler: src/a.b, uses: [rpc.reserve], events: [{ mq: { resource: mq.orders, topic: orders, batch: 5, concurrency: 4 } }] }
  onEvent: { handler: src/a.b, events: [{ cloudevents: { resource: mq.orders, topic: events } }] }
  sweep: { handler: src/a.b, events: [{ timer: { type: every, value: 1m } }] }
`;

export const OPERATOR = `# Where things are.
drain: { propagationMs: 5000 }
resources:
  cache:
    items: { driver: redis, url: "\${REDIS_URL}", tls: { ca: "\${file:/etc/bottle/secrets/redis-ca.pem}" } }
  mq:
    orders:
      driver: kafka
      brokers: ["\${KAFKA_BROKER:-kafka:9092}"] # one is enough
      topicPrefix: shop.
      tls: true
      sasl: { mechanism: scram-sha-512, username: "\${KAFKA_USER}", password: "\${KAFKA_PASSWORD}" }
`;

const PROTO = `syntax = "proto3";
package shop.v1;
message Item { string id = 1; }
service Stock { rpc Reserve(Item) returns (Item); }
`;
/** Asking the function container's program takes most of a second. */
const PLANS = new Map<string, ProjectPlan>();

/** What `aggregation` is added to SHOP, or a whole serverless.yml. */
export function renderShop({
  aggregation = '',
  serverless = SHOP,
  operator = '',
  ...options
}: Partial<RenderOptions> & { aggregation?: string; serverless?: string; operator?: string } = {}): Manifest[] {
  const plan = planOf(serverless + aggregation);
  return renderProject(plan, parseOperatorFile(operator, 'sidecar.yml'), { ...OPTIONS, ...options });
}

/** What a serverless.yml says. */
export function planOf(serverless: string): ProjectPlan {
  const known = PLANS.get(serverless);
  if (known) return known;
  const directory = mkdtempSync(join(tmpdir(), 'render-'));
  try {
    writeFileSync(join(directory, 'serverless.yml'), serverless);
    writeFileSync(join(directory, 'a.proto'), PROTO);
    const plan = readProjectPlan(directory);
    if (typeof plan === 'number') throw new Error(`serverless.yml is wrong: ${plan}`);
    PLANS.set(serverless, plan);
    return plan;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The object of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name: string): KubernetesObject {
  const found = manifests.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (found) return found.object;
  const names = manifests.map(({ object }) => `${object.kind} ${object.metadata.name}`);
  throw new Error(`there is no ${kind} ${name}, only ${names.join(', ')}`);
}
