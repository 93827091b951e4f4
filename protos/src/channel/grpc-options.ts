import type { ChannelOptions } from '@grpc/grpc-js';

/** Largest gRPC message either side takes: a value that a bottle call stores or reads. Batches close at 256 KiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** HTTP/2 window of a stream, in bytes: what may be under way to a reader that does not read. */
const FLOW_CONTROL_WINDOW_BYTES = 256 * 1024;

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
