import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** How a resource reaches a bucket. */
export interface BucketSettings {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** A new bucket of a server at `http://key:secret@host:port`. */
export async function createBucket(url: string): Promise<BucketSettings> {
  const { origin, username, password } = new URL(url);
  const credentials = { accessKeyId: username, secretAccessKey: password };
  const bucket = `test-${randomUUID()}`;
  const client = new S3Client({
    region: 'us-east-1',
    forcePathStyle: true,
    endpoint: origin,
    credentials: { ...credentials },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { endpoint: origin, ...credentials, bucket };
}
