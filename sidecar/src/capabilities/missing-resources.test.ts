import { expect, it } from 'vitest';
import { missingResources, missingWords, type Need } from './missing-resources.ts';

const missing = (needs: string[], resources: string[], anyName: string[] = []): string[] =>
  missingResources<Need>(
    needs.map((resource) => ({ by: 'sell', resource })),
    ['sell', 'price'],
    { resources, anyName },
  ).map((each) => missingWords(each, 'sidecar.yml'));

it('says nothing of what is defined, of other functions, and of capabilities that serve every name', () => {
  expect(missing(['cache.carts', 'db.shop', 'rpc.price', 'lock.any'], ['cache.carts', 'db.shop'], ['lock'])).toEqual(
    [],
  );
});

it('names what is not there, who wants it, and what there is, once for each', () => {
  expect(missing(['cache.crats', 'db.shop', 'cache.crats'], ['cache.carts', 'cache.sessions'])).toEqual([
    'sell uses cache.crats, which sidecar.yml does not have; there is cache.carts, cache.sessions',
    'sell uses db.shop, which sidecar.yml does not have; there is no db resource',
  ]);
});

it('takes a name of rpc for a function or a resource', () => {
  expect(missing(['rpc.prise'], ['rpc.stock'])).toEqual([
    'sell uses rpc.prise, which is neither a function of this pod nor a resource of sidecar.yml; there is rpc.stock, rpc.sell, rpc.price',
  ]);
});

it('names some of many', () => {
  const many = Array.from({ length: 40 }, (_, at) => `cache.c${at}`);
  expect(missing(['cache.none'], many)[0]).toMatch(/; there is cache\.c0, [^;]*, cache\.c11 and 28 more$/);
});
