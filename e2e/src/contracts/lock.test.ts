import type { ServerAddresses } from '@bottle/test-servers';
import { inject } from 'vitest';
import { describeLockContract } from './lock-contract.ts';
import { openFake, openSidecar } from './target.ts';

const url: ServerAddresses['redisUrl'] = inject('redisUrl');

describeLockContract('the in-process fake', () => openFake());
describeLockContract('a sidecar with the memory driver', () => openSidecar());
if (url !== undefined) {
  const contract = { driver: 'redis', url, keyPrefix: `locks-${process.pid}:` };
  describeLockContract('a sidecar with Redis', () => openSidecar({ lock: { contract } }));
}
