export { findFreePort } from './endpoint.ts';
export { requireProgram } from './find-program.ts';
export { type KafkaOptions, startKafka } from './kafka.ts';
export { startMysql } from './mysql.ts';
export { type RedisOptions, startRedis } from './redis.ts';
export { startS3 } from './s3.ts';
export type { StartOptions } from './find-or-start.ts';
export { ServerUnavailable, type TestServer, unlessUnavailable } from './test-server.ts';
export type { ServerAddresses } from './vitest-global-setup.ts';
