import type { ServerAddresses } from '@bottle/test-servers';
import { inject } from 'vitest';
import { describeConfigContract } from './config-contract.ts';
import { openFake, openSidecar } from './target.ts';

const url: ServerAddresses['redisUrl'] = inject('redisUrl');

describeConfigContract('the in-process fake', () => openFake());
describeConfigContract('a sidecar with the file driver', () => openSidecar());
if (url !== undefined) {
  const contract = { driver: 'redis', url, keyPrefix: `contract-${process.pid}:` };
  describeConfigContract('a sidecar with Redis', () => openSidecar({ config: { contract }, switches: { contract } }));
}
