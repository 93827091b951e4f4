import protobuf from 'protobufjs';
import { type MessageCodec, messageCodec } from './message-codec.ts';

/** A method of a .proto file. */
export interface ProtoMethod {
  requestStream: boolean;
  responseStream: boolean;
  request: MessageCodec;
  response: MessageCodec;
}

/** The service of that full name ("shop.v1.Stock"), if there is one. */
export function findService(root: protobuf.Root, name: string): protobuf.Service | undefined {
  const found = root.lookup(name, [protobuf.Service]);
  return found instanceof protobuf.Service && found.fullName === `.${name}` ? found : undefined;
}

/** The method with its codecs; undefined when the service has none of that name. */
export function findMethod(service: protobuf.Service, name: string): ProtoMethod | undefined {
  const method = Object.hasOwn(service.methods, name) ? service.methods[name] : undefined;
  const { resolvedRequestType, resolvedResponseType } = method ?? {};
  if (!method || !resolvedRequestType || !resolvedResponseType) return undefined;
  return {
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
    request: messageCodec(resolvedRequestType),
    response: messageCodec(resolvedResponseType),
  };
}

/** The full names of all services. */
export function servicesOf(root: protobuf.NamespaceBase): string[] {
  return root.nestedArray.flatMap((object) => {
    if (object instanceof protobuf.Service) return [object.fullName.slice(1)];
    return object instanceof protobuf.Namespace ? servicesOf(object) : [];
  });
}
