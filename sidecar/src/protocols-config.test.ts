import { describe, expect, it } from 'vitest';
import { sidecarConfigSchema } from './config.ts';
import { loadSidecarConfig } from './load-sidecar-config.ts';

const SECRET = 'a secret that is long enough';
const parse = (config: object) => {
  const result = sidecarConfigSchema.safeParse(config);
  return result.success ? result.data : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('the settings of the protocols on HTTP', () => {
  it('take one secret or several for an app, and cache resources with or without the capability', () => {
    const config = sidecarConfigSchema.parse({
      gateway: {
        nonces: 'cache.nonces',
        sessions: 'users',
        apps: { ios: { secret: SECRET }, web: { secret: [SECRET] } },
      },
    });
    expect(config.gateway).toMatchObject({ path: '/gw', windowMs: 300_000, nonces: 'nonces', sessions: 'users' });
    expect(config.gateway.apps).toEqual({ ios: { secret: [SECRET] }, web: { secret: [SECRET] } });
  });
  it('refuse short secrets and caches that are not configured, with the line to add', () => {
    expect(parse({ gateway: { apps: { ios: { secret: 'short' } } } })).toEqual([
      expect.stringContaining('expected at least 16 characters'),
    ]);
    const cache = { other: { driver: 'memory' } };
    const problems = parse({ gateway: { apps: { ios: { secret: SECRET } } }, resources: { cache } });
    expect(problems).toEqual([expect.stringContaining('gateway.nonces: there is no resource cache.gateway: add')]);
    expect(parse({ gateway: {}, resources: { cache } })).toMatchObject({ gateway: { apps: {} } });
  });
  it('want certificate and key together', () => {
    expect(parse({ http: { tls: { cert: 'x' } } })).toEqual(['http.tls: expected cert and key together']);
  });
  it('have names in the environment, but for lists', async () => {
    const env = { BOTTLE_GATEWAY_WINDOW_MS: '5000', BOTTLE_HTTP2_PORT: '0', BOTTLE_MAX_CONCURRENT_STREAMS: '7' };
    const config = await loadSidecarConfig({ env, flags: { 'http2-enabled': 'true' } });
    expect(config.gateway.windowMs).toBe(5_000);
    expect(config.http2).toMatchObject({ enabled: true, port: 0 });
    expect(config.http.maxConcurrentStreams).toBe(7);
    expect(config.cloudevents.allowedOrigins).toEqual(['*']);
  });
});
