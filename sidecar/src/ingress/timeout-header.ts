import type { IncomingHttpHeaders } from 'node:http';

const GRPC_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * How long the caller is willing to wait, in milliseconds: `x-bottle-timeout-ms: 1500`, or `grpc-timeout: 2S` as the
 * gRPC specification writes it. What cannot be read is ignored: a deadline can only be lowered.
 */
export function callerTimeoutOf(headers: IncomingHttpHeaders): number | undefined {
  const own = headers['x-bottle-timeout-ms'];
  if (typeof own === 'string' && /^\d{1,9}$/.test(own)) return Number(own);
  const grpc = headers['grpc-timeout'];
  const match = typeof grpc === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(grpc) : null;
  if (!match) return undefined;
  return Math.ceil(Number(match[1]) * (GRPC_UNITS_MS[match[2] ?? ''] ?? 0));
}
