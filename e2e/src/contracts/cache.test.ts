import { inject } from 'vitest';
import type { ServerAddresses } from '@bottle/test-servers';
import { describeCacheContract } from './cache-contract.ts';
import { describeUnreadableValues } from './cache-unreadable.ts';
import { openFake, openSidecar } from './target.ts';

const url: ServerAddresses['redisUrl'] = inject('redisUrl');

describeCacheContract('the in-process fake', () => openFake(), { scripts: false });
describeCacheContract('a sidecar with the memory driver', () => openSidecar(), { scripts: false });
describeUnreadableValues('the in-process fake', () => openFake());
describeUnreadableValues('a sidecar with the memory driver', () => openSidecar());
if (url !== undefined) {
  const contract = { driver: 'redis', url, keyPrefix: `contract-${process.pid}:` };
  describeCacheContract('a sidecar with Redis', () => openSidecar({ cache: { contract } }), { scripts: true });
  describeUnreadableValues('a sidecar with Redis', () => openSidecar({ cache: { contract } }));
}
