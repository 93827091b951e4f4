import { loadFileDescriptorSetFromBuffer, type MethodDefinition } from '@grpc/proto-loader';
import { LOADER_OPTIONS } from './load.ts';

/**
 * A request message as plain data with field names in camel case, as functions see it, but without the fields that it
 * does not have. Throws for bytes that are no such message.
 */
export type RequestDecoder = (bytes: Uint8Array) => unknown;

/** Decoders for the requests of all methods in a google.protobuf.FileDescriptorSet, by "/<service>/<method>". */
export function requestDecoders(descriptors: Uint8Array): Map<string, RequestDecoder> {
  const definitions = loadFileDescriptorSetFromBuffer(Buffer.from(descriptors), { ...LOADER_OPTIONS, defaults: false });
  const services = Object.values(definitions).filter((definition) => !('format' in definition));
  const methods = services.flatMap((service) =>
    Object.values(service as Record<string, MethodDefinition<object, object>>),
  );
  return new Map(
    methods.map(({ path, requestDeserialize }) => [
      path,
      (bytes) => withCamelCase(requestDeserialize(Buffer.from(bytes))),
    ]),
  );
}

/** Descriptors have the names of the file. */
function withCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCamelCase);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).map(([name, field]) => [camelCase(name), withCamelCase(field)] as const);
  return Object.fromEntries(entries);
}

function camelCase(name: string): string {
  return name.replace(/(?<=.)_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
