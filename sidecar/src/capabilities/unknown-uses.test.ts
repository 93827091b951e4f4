import { expect, it } from 'vitest';
import { unknownUses } from './unknown-uses.ts';

const unknown = (uses: string[], resources: string[], anyName: string[] = []): string[] =>
  unknownUses(
    [
      { name: 'sell', uses },
      { name: 'price', uses: [] },
    ],
    { resources, anyName },
  );

it('says nothing of what is defined, of other functions, and of capabilities that serve every name', () => {
  expect(
    unknown(['cache.carts', 'db.shop:read', 'rpc.price', 'lock.any'], ['cache.carts', 'db.shop'], ['lock']),
  ).toEqual([]);
});

it('names what is not there, who wants it, and what there is', () => {
  expect(unknown(['cache.crats', 'db.shop:read'], ['cache.carts', 'cache.sessions'])).toEqual([
    'sell uses cache.crats, which is not defined in sidecar.yml; there is cache.carts, cache.sessions',
    'sell uses db.shop, which is not defined in sidecar.yml; there is no db resource',
  ]);
});

it('takes a name of rpc for a function or a resource', () => {
  expect(unknown(['rpc.prise'], ['rpc.stock'])).toEqual([
    'sell uses rpc.prise, which is neither a function of this pod nor a resource of sidecar.yml; there is rpc.stock, rpc.sell, rpc.price',
  ]);
});
