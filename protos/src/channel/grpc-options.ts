import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { ChannelOptions, Server } from '@grpc/grpc-js';

/** Largest gRPC message either side takes: a value that a bottle call stores or reads. Batches close at 256 KiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * HTTP/2 window, in bytes: what may be under way to a reader that does not read. Several of the largest batches: a writer
 * that waits for the window of each sends in small pieces, and both sides are idle for a third of the time.
 */
const FLOW_CONTROL_WINDOW_BYTES = 1024 * 1024;

/** Options of every server and client inside the pod. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW_BYTES,
  'grpc.enable_channelz': 0,
  // Retries belong to the request path, which knows what had been written.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.default_authority': 'localhost',
};

const widened = new WeakSet<Http2Server>();

/**
 * Gives a server that was just bound the window of the options: grpc-js 1.14 heeds that option in clients alone, and has
 * no other way to set it.
 */
export function widenWindow(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    if (widened.has(http2Server)) continue;
    widened.add(http2Server);
    http2Server.prependListener('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: FLOW_CONTROL_WINDOW_BYTES });
      session.setLocalWindowSize(FLOW_CONTROL_WINDOW_BYTES);
    });
  }
}
