import { readFileSync } from 'node:fs';
import type { ServerAddresses } from '@bottle/test-servers';
import { inject } from 'vitest';
import { describeObjectsContract } from './objects-contract.ts';
import { createBucket } from './s3-bucket.ts';
import { type ContractTarget, openFake, openSidecar, type SidecarTarget } from './target.ts';

const url: ServerAddresses['s3Url'] = inject('s3Url');
const residentBytes = (target: ContractTarget): number => {
  const status = readFileSync(`/proc/${(target as SidecarTarget).sidecar.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
};

describeObjectsContract('the in-process fake', () => openFake(), { presigned: 'fake' });
describeObjectsContract('a sidecar with a directory', () => openSidecar(), { presigned: 'none', residentBytes });
if (url !== undefined) {
  describeObjectsContract(
    'a sidecar with S3',
    async () =>
      openSidecar({ objects: { contract: { ...(await createBucket(url)), driver: 's3', prefix: 'tenant/' } } }),
    // S3Proxy looks first and writes then; Amazon's S3 does both at once.
    { presigned: 'real', residentBytes, isExclusive: false },
  );
}
