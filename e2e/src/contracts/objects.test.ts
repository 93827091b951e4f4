import type { ServerAddresses } from '@bottle/test-servers';
import { inject } from 'vitest';
import { describeObjectsContract } from './objects-contract.ts';
import { exclusivePuts, fakeUrls, flatMemory, noUrls, realUrls } from './objects-more.ts';
import { createBucket } from './s3-bucket.ts';
import { openFake, openSidecar } from './target.ts';

const url: ServerAddresses['s3Url'] = inject('s3Url');

describeObjectsContract('the in-process fake', () => openFake(), { also: [exclusivePuts, fakeUrls] });
describeObjectsContract('a sidecar with a directory', () => openSidecar(), {
  also: [exclusivePuts, noUrls, flatMemory],
});
if (url !== undefined) {
  describeObjectsContract(
    'a sidecar with S3',
    async () =>
      openSidecar({ objects: { contract: { ...(await createBucket(url)), driver: 's3', prefix: 'tenant/' } } }),
    // S3Proxy looks first and writes then, where Amazon's S3 does both at once; and it keeps keys as paths of files.
    { hasNestedKeys: false, also: [realUrls, flatMemory] },
  );
}
