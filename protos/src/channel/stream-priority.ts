import { type Interceptor, InterceptingCall } from '@grpc/grpc-js';

/** Whatever waits for a short answer; RFC 9218: the most urgent of eight. */
const FIRST = 'u=0';
/** Streams of one urgency share the connection, frame by frame. */
const SHARED = 'u=3, i';

/**
 * Says which streams of a connection go first (RFC 9218, which nghttp2 follows). Without a word it sends what the oldest
 * streams have, and nothing else as long as these fill the connection's window: beside five readers of large results, the
 * answer of a transaction never came.
 */
export const streamPriority: Interceptor = (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start(metadata, listener, next) {
      metadata.set('priority', isUrgent(options.method_definition.path) ? FIRST : SHARED);
      next(metadata, listener);
    },
  });

/** The batched stream, and the pings. */
function isUrgent(path: string): boolean {
  return path.endsWith('/Connect') || path.endsWith('/Ping');
}
