import type { Driver } from '../capability.ts';

/** Largest value, in bytes: that of a Kubernetes Secret. */
export const MAX_SECRET_BYTES: number = 1024 * 1024;

/** What a secrets driver does. A value that has changed is seen by the next call. */
export interface SecretsDriver extends Driver {
  /** Undefined where there is none. Throws FAILED_PRECONDITION for one that is too large. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The keys that have a value, in any order. */
  list(): Promise<string[]>;
}
