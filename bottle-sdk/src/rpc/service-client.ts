import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallError, Code, loadServiceDefinition } from '@bottle/protos';
import type { ResourceCalls } from '../resource-calls.ts';
import { type GrpcCallOptions, type GrpcMethod, type GrpcServiceDefinition, methodClient } from './grpc-client.ts';

/** Where a service is defined. */
export interface ProtoSource {
  /** The .proto file: a URL (`new URL('../protos/stock.proto', import.meta.url)`), or a path from the project's folder. */
  file: string | URL;
  /** "shop.Stock" */
  service: string;
  /** Where its imports are looked up. @default the file's own folder */
  includeDirs?: readonly string[];
}

/** A client with a method for each one of the definition, by its name with a small first letter. */
export function clientOfDefinition(calls: ResourceCalls, definition: GrpcServiceDefinition): object {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [uncapitalized(name), methodClient(calls, method)]),
  );
}

/** The same for a .proto file, which is read when the first call is made. */
export function clientOfProto(calls: ResourceCalls, source: ProtoSource): object {
  const methodOf = (name: string): GrpcMethod => {
    const method = definitionOf(calls, source).get(name);
    if (method) return method;
    throw new CallError(Code.UNIMPLEMENTED, 'no-operation', `${source.service} has no method "${name}"`);
  };
  return new Proxy(Object.create(null) as object, {
    get(_target, name) {
      // Not a promise, although whoever awaits it asks.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return (input: unknown, options?: GrpcCallOptions) => methodClient(calls, methodOf(name))(input, options);
    },
  });
}

/** Read once in a process. */
function definitionOf({ scope }: ResourceCalls, source: ProtoSource): ReadonlyMap<string, GrpcMethod> {
  const { process } = scope;
  const file = pathOf(source.file, process.projectDir);
  return process.shared(`rpc ${source.service} of ${file}`, () => {
    try {
      const methods = loadServiceDefinition(file, source.service, source.includeDirs ?? [dirname(file)]);
      return new Map(Object.entries(methods).map(([name, method]) => [uncapitalized(name), method as GrpcMethod]));
    } catch (error) {
      const message = `${source.service} cannot be loaded: ${(error as Error).message}`;
      throw new CallError(Code.INVALID_ARGUMENT, 'bad-proto', message);
    }
  });
}

function pathOf(file: string | URL, projectDir: string | undefined): string {
  if (file instanceof URL || file.startsWith('file:')) return fileURLToPath(file);
  return isAbsolute(file) ? file : resolve(projectDir ?? '.', file);
}

function uncapitalized(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
