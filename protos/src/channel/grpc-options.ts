import type { Http2Server, ServerHttp2Session, ServerOptions } from 'node:http2';
import { type ChannelOptions, Server } from '@grpc/grpc-js';
import { forgetReadMessages } from './forget-messages.ts';

/** Largest gRPC message either side takes: a value that a bottle call stores or reads. Batches close at 256 KiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

// Windows of HTTP/2, in bytes: what may be under way to a reader that does not read.
//
// Node.js stops to read a connection while it writes to it: when what is under way fills the socket's buffers in both
// directions, both sides wait for the other one for ever. (Seen under uploads and downloads at once, with 1 MB and 256 KB.)
// So what comes from a server fits into a buffer of Linux, which is 208 KB with what the kernel adds: a server's write always
// ends, it reads on, and so the client's ends as well.

/** What a server may have under way to a client. */
const TO_CLIENT_BYTES = 128 * 1024;
/** What a client may have under way to a server: several of the largest batches, of which each would wait otherwise. */
const TO_SERVER_BYTES = 1024 * 1024;

/** Options of every server and client inside the pod. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc-node.flow_control_window': TO_CLIENT_BYTES,
  'grpc.enable_channelz': 0,
  // Retries belong to the request path, which knows what had been written.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.default_authority': 'localhost',
};

/** Node.js hands these over in 32 bits. */
const HIGHEST = 2 ** 32 - 1;

/**
 * Options of node:http2 for which grpc-js 1.14 has none. What protects a port that anybody may connect to would break the
 * pod's own channel: each reader that leaves is a stream reset, thousands of which may come at once, and nghttp2 then
 * closes the session, and everything on it, behind an open socket. Only this pod's other process can connect here.
 */
const SERVER_OPTIONS: ServerOptions = {
  streamResetBurst: HIGHEST,
  streamResetRate: HIGHEST,
  maxSessionInvalidFrames: 2 ** 31 - 1,
  maxSessionRejectedStreams: 2 ** 31 - 1,
};

/**
 * For ports that anybody may connect to: how many streams a connection may reset at once, and each second from then on. Pools
 * of impatient clients cancel a hundred calls a second; attacks of this kind come by the thousand.
 */
export const OUTER_STREAM_RESETS = { streamResetBurst: 3_000, streamResetRate: 300 } as const satisfies ServerOptions;

/** Gives a gRPC server for such a port these bounds. */
export function boundStreamResets(server: Server): void {
  const { commonServerOptions } = server as unknown as { commonServerOptions: ServerOptions };
  Object.assign(commonServerOptions, OUTER_STREAM_RESETS);
}

/** A gRPC server for one of the pod's sockets. */
export function createSocketServer(): Server {
  forgetReadMessages();
  const server = new Server(CHANNEL_OPTIONS);
  const { commonServerOptions } = server as unknown as { commonServerOptions: ServerOptions };
  Object.assign(commonServerOptions, SERVER_OPTIONS);
  return server;
}

const widened = new WeakSet<Http2Server>();

/** Gives a server that was just bound its window, for which grpc-js 1.14 has no option: there, it is one of clients alone. */
export function widenWindow(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    if (widened.has(http2Server)) continue;
    widened.add(http2Server);
    http2Server.prependListener('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: TO_SERVER_BYTES });
      session.setLocalWindowSize(TO_SERVER_BYTES);
    });
  }
}
