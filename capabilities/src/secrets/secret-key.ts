import { BottleError, Code } from '@bottle/protos';

/** Names of files and of keys in a Kubernetes Secret. Nothing that leads out of a directory, or to what Kubernetes keeps there. */
const KEY = /^(?!\.\.)(?!\.$)[\w.-]{1,253}$/;

/** Whether it can be the key of a secret. */
export function isSecretKey(key: string): boolean {
  return KEY.test(key);
}

/** The key itself. Throws INVALID_ARGUMENT for what can be none. */
export function assertSecretKey(key: string): string {
  if (isSecretKey(key)) return key;
  const message = 'the key of a secret has 1 to 253 letters, digits, "-", "_" and ".", and does not begin with ".."';
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-key', message);
}
