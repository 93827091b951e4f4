import { createMemorySecrets, isSecretKey, type SecretsDriver } from '@bottle/capabilities';

/**
 * Secrets in environment variables with a prefix: "api-key" is `<prefix>API_KEY`. An environment does not change as long as
 * its process lives.
 */
export function createEnvSecrets(prefix: string, env: Readonly<Record<string, string | undefined>>): SecretsDriver {
  const values = new Map(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(prefix) && name !== prefix && value !== undefined ? [[name.slice(prefix.length), value]] : [],
    ),
  );
  return createMemorySecrets(
    (key) => values.get(key.toUpperCase().replace(/[-.]/g, '_')),
    () => [...values.keys()].map((name) => name.toLowerCase().replaceAll('_', '-')).filter(isSecretKey),
  );
}
