import { loadFileDescriptorSetFromBuffer, type MethodDefinition } from '@grpc/proto-loader';
import { LOADER_OPTIONS } from './load.ts';

/** A request message as plain data, without the fields that it does not have. Throws for bytes that are none. */
export type RequestDecoder = (bytes: Uint8Array) => unknown;

/** Decoders for the requests of all methods in a google.protobuf.FileDescriptorSet, by "/<service>/<method>". */
export function requestDecoders(descriptors: Uint8Array): Map<string, RequestDecoder> {
  const definitions = loadFileDescriptorSetFromBuffer(Buffer.from(descriptors), { ...LOADER_OPTIONS, defaults: false });
  const services = Object.values(definitions).filter((definition) => !('format' in definition));
  const methods = services.flatMap((service) =>
    Object.values(service as Record<string, MethodDefinition<object, object>>),
  );
  return new Map(
    methods.map(({ path, requestDeserialize }) => [path, (bytes) => requestDeserialize(Buffer.from(bytes))] as const),
  );
}
