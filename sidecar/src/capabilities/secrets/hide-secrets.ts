import type { SecretsDriver } from '@bottle/capabilities';
import type { KnownSecrets } from '@bottle/protos';

/**
 * The same driver, whose values are in no log of this process: those it has at the start, as functions that got them before
 * may send them back, and those it gives from now on.
 */
export async function hideSecrets(driver: SecretsDriver, known: KnownSecrets): Promise<SecretsDriver> {
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const value = await driver.get(key);
    if (value) known.add(value);
    return value;
  };
  const keys = await driver.list().catch(() => []);
  await Promise.allSettled(keys.map(get));
  return {
    get problem() {
      return driver.problem;
    },
    ping: () => driver.ping(),
    get,
    list: () => driver.list(),
    close: () => driver.close(),
  };
}
