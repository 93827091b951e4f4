import { join } from 'node:path';

const ENDINGS = {
  db: 'sqlite',
  mq: 'mq.sqlite',
  config: 'config.yml',
  switches: 'switches.yml',
  secrets: 'secrets',
  objects: 'objects',
} as const;

/** Capabilities whose embedded driver keeps its data in a file or a directory; that of the others keeps it in memory. */
export type FileCapability = keyof typeof ENDINGS;

export function isFileCapability(capability: string): capability is FileCapability {
  return Object.hasOwn(ENDINGS, capability);
}

/** The file, or directory, of the embedded driver of a resource that is not told another. */
export function defaultFile(capability: FileCapability, { dataDir, name }: { dataDir: string; name: string }): string {
  return join(dataDir, `${name}.${ENDINGS[capability]}`);
}
