import { z } from 'zod';

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

/** A cache resource, with or without the capability's name before it. */
const cacheName = z
  .string()
  .regex(/^(cache\.)?[A-Za-z][\w-]*$/, 'expected a cache resource, such as "cache.sessions"')
  .transform((id) => id.slice(id.indexOf('.') + 1));

const secret = z.string().min(16, 'expected at least 16 characters');

const app = z.strictObject({
  secret: z
    .union([secret, z.array(secret).min(1)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe('What the app signs with; several while it is changed. Use `${ENV}` or `${file:/path}`.'),
});

/** `gateway` of sidecar.yml: the signed gateway for mobile clients. */
export const gatewaySchema = section({
  path: z
    .string()
    .regex(/^(\/[\w.-]+)+$/, 'expected a path without a slash at its end, such as "/gw"')
    .default('/gw')
    .describe('Path before the API’s name and version.'),
  windowMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(300_000)
    .describe('How far a request’s timestamp may be from this pod’s clock, either way.'),
  nonces: cacheName.default('gateway').describe('The cache resource that remembers which requests have been here.'),
  sessions: cacheName.default('sessions').describe('The cache resource where functions put sessions.'),
  sessionPrefix: z.string().default('session:').describe('Put before a session’s token to make its key.'),
  apps: z
    .record(z.string().regex(/^[\w.-]{1,128}$/, 'expected letters, digits, ".", "_" or "-"'), app)
    .default({})
    .describe('Who may call, by app key.'),
}).describe('The signed gateway; see docs/triggers.md.');

/** `cloudevents` of sidecar.yml. */
export const cloudEventsSchema = section({
  allowedOrigins: z
    .array(z.string().min(1))
    .default(['*'])
    .describe('Who may send, as the webhook handshake is told; "*" stands for anything.'),
});
