import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { asRecord, fieldsAt } from './testing/field-paths.ts';
import { find, renderShop } from './testing/fixture.ts';

/** "GET Exact /cart" for each match. */
function matchesOf(manifests: readonly Manifest[], name: string): string[] {
  return fieldsAt(find(manifests, 'HTTPRoute', name), 'spec.rules[*].matches[*]').map(({ value }) => {
    const { type, value: path } = asRecord(asRecord(value)['path']);
    const method = asRecord(value)['method'];
    return `${typeof method === 'string' ? `${method} ` : ''}${String(type)} ${String(path)}`;
  });
}

const functions = (routes: Record<string, string>): string =>
  `service: s\nfunctions:\n${Object.entries(routes)
    .map(([name, http]) => `  ${name}: { handler: a.b, events: [{ http: ${http} }] }\n`)
    .join('')}`;

describe('requests from outside', () => {
  it('all go to the one group that answers them', () => {
    expect(matchesOf(renderShop(), 'shop')).toEqual(['PathPrefix /']);
  });
  it('go by exact path and by prefix to a group, and all others to the rest', () => {
    const manifests = renderShop({ aggregation: 'aggregation: { cart: { functionsPattern: ["*Cart"] } }\n' });
    expect(matchesOf(manifests, 'shop-cart')).toEqual([
      'Exact /cart',
      'PathPrefix /carts',
      'Exact /gw/shop.cart.show/1.0',
    ]);
    expect(matchesOf(manifests, 'shop')).toEqual(['PathPrefix /']);
  });
  it('are told apart by expressions where groups share a prefix, and by methods where they share a path', () => {
    const serverless = functions({
      item: '{ path: "/items/:id", method: get }',
      image: '{ path: "/items/:id/image", method: get }',
      showCart: '{ path: /cart, method: get }',
      putCart: '{ path: /cart, method: [put, post] }',
      files: '{ path: "/files/v1.0/*" }',
    });
    const aggregation =
      'aggregation: { a: { functions: [item, showCart, files] }, b: { functions: [image, putCart] } }\n';
    const manifests = renderShop({ serverless, aggregation });
    expect(matchesOf(manifests, 's-a')).toEqual([
      'RegularExpression ^/items/[^/]+$',
      'GET Exact /cart',
      'HEAD Exact /cart',
      'PathPrefix /files/v1.0',
    ]);
    expect(matchesOf(manifests, 's-b')).toEqual([
      'RegularExpression ^/items/[^/]+/image$',
      'PUT Exact /cart',
      'POST Exact /cart',
    ]);
  });
  it('keep within the limits of a rule and a route, however many paths there are', () => {
    const many = Object.fromEntries(Array.from({ length: 140 }, (_, at) => [`f${at}`, `{ path: /p${at} }`]));
    const manifests = renderShop({
      serverless: functions({ ...many, other: '{ path: /other }' }),
      aggregation: 'aggregation: { many: { functionsPattern: ["f*"] } }\n',
    });
    const routes = ['s-many', 's-many-2'].map((name) => find(manifests, 'HTTPRoute', name));
    const sizes = routes.map((route) =>
      fieldsAt(route, 'spec.rules[*].matches').map(({ value }) => (value as unknown[]).length),
    );
    expect(sizes).toEqual([Array.from({ length: 16 }, () => 8), [8, 4]]);
  });
  it('are for the hosts that were given, and those that routes name', () => {
    const spec = asRecord(find(renderShop({ hosts: ['shop.example.com'] }), 'HTTPRoute', 'shop')['spec']);
    expect(spec['hostnames']).toEqual(['shop.example.com', 'carts.example.com']);
    const any = asRecord(find(renderShop(), 'HTTPRoute', 'shop')['spec']);
    expect(any).not.toHaveProperty('hostnames');
  });
  it('find gRPC methods by service and method, on a host of their own', () => {
    const manifests = renderShop({
      hosts: ['shop.example.com'],
      gateway: { name: 'public', namespace: 'infra' },
      aggregation: 'aggregation: { stock: { functions: [reserve] } }\n',
    });
    expect(find(manifests, 'GRPCRoute', 'shop-stock')['spec']).toEqual({
      parentRefs: [{ name: 'public', namespace: 'infra' }],
      hostnames: ['grpc.shop.example.com'],
      rules: [
        {
          matches: [{ method: { service: 'shop.v1.Stock', method: 'Reserve' } }],
          backendRefs: [{ name: 'shop-stock', port: 9090 }],
        },
      ],
    });
  });
});
