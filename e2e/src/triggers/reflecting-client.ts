// A client that knows nothing but an address: what `grpcurl` does, with the libraries' own parts alone.
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, type MethodDefinition } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

const same = (bytes: Buffer): Buffer => bytes;

export type ReflectionVersion = 'v1' | 'v1alpha';

interface Answer {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Uint8Array[] };
  allExtensionNumbersResponse?: { baseTypeName: string; extensionNumber: number[] };
  errorResponse?: { errorCode: number; errorMessage: string };
}

export class ReflectingClient {
  readonly #client: Client;
  readonly #version: ReflectionVersion;

  constructor(address: string, version: ReflectionVersion) {
    this.#client = new Client(address, credentials.createInsecure());
    this.#version = version;
  }

  async services(): Promise<string[]> {
    const { listServicesResponse } = await this.ask({ listServices: '' });
    return (listServicesResponse?.service ?? []).map(({ name }) => name);
  }

  /** The files behind a symbol, decoded. */
  async describe(symbol: string): Promise<Record<string, unknown>[]> {
    return (await this.#filesOf(symbol)).map((bytes) => descriptor.FileDescriptorProto.decode(bytes).toJSON());
  }

  /** Calls a unary method with the codecs that its description makes. */
  async call(service: string, method: string, message: object): Promise<unknown> {
    const definition = await this.#methodOf(service, method);
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = definition;
      const done = (error: ServiceError | null, answer: unknown): void => (error ? reject(error) : resolve(answer));
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, done);
    });
  }

  /** The same for a method that answers with a stream. */
  async all(service: string, method: string, message: object): Promise<unknown[]> {
    const { path, requestSerialize, responseDeserialize } = await this.#methodOf(service, method);
    return Array.fromAsync(
      this.#client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
      ) as AsyncIterable<unknown>,
    );
  }

  async ask(question: object): Promise<Answer> {
    const root = protobuf.parse(reflectionProto(this.#version), { keepCase: false }).root;
    const name = `grpc.reflection.${this.#version}.ServerReflection`;
    const [request, response] = ['Request', 'Response'].map((kind) => root.lookupType(name + kind));
    const call = this.#client.makeBidiStreamRequest(`/${name}/ServerReflectionInfo`, same, same);
    call.write(Buffer.from(request?.encode(request.fromObject(question)).finish() ?? []));
    call.end();
    const answers = (await Array.fromAsync(call as AsyncIterable<Buffer>)).map((bytes) => response?.decode(bytes));
    return response?.toObject(answers[0] as protobuf.Message, { arrays: true }) as Answer;
  }

  close(): void {
    this.#client.close();
  }

  async #filesOf(symbol: string): Promise<Uint8Array[]> {
    const { fileDescriptorResponse, errorResponse } = await this.ask({ fileContainingSymbol: symbol });
    if (errorResponse) throw new Error(`${errorResponse.errorCode}: ${errorResponse.errorMessage}`);
    return fileDescriptorResponse?.fileDescriptorProto ?? [];
  }

  async #methodOf(service: string, method: string): Promise<MethodDefinition<object, unknown>> {
    const file = (await this.#filesOf(service)).map((bytes) => descriptor.FileDescriptorProto.decode(bytes));
    const set = descriptor.FileDescriptorSet.encode(descriptor.FileDescriptorSet.create({ file })).finish();
    const loaded = loadFileDescriptorSetFromBuffer(Buffer.from(set), { longs: String, enums: String, defaults: true });
    const found = (loaded[service] as Record<string, MethodDefinition<object, unknown>> | undefined)?.[method];
    if (!found) throw new Error(`${service} does not describe ${method}`);
    return found;
  }
}

/** As the gRPC project publishes it, without comments. */
function reflectionProto(version: ReflectionVersion): string {
  return `syntax = "proto3"; package grpc.reflection.${version};
    message ServerReflectionRequest { string host = 1; oneof message_request { string file_by_filename = 3;
      string file_containing_symbol = 4; ExtensionRequest file_containing_extension = 5;
      string all_extension_numbers_of_type = 6; string list_services = 7; } }
    message ExtensionRequest { string containing_type = 1; int32 extension_number = 2; }
    message ServerReflectionResponse { string valid_host = 1; ServerReflectionRequest original_request = 2;
      oneof message_response { FileDescriptorResponse file_descriptor_response = 4;
      ExtensionNumberResponse all_extension_numbers_response = 5; ListServiceResponse list_services_response = 6;
      ErrorResponse error_response = 7; } }
    message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
    message ExtensionNumberResponse { string base_type_name = 1; repeated int32 extension_number = 2; }
    message ListServiceResponse { repeated ServiceResponse service = 1; }
    message ServiceResponse { string name = 1; }
    message ErrorResponse { int32 error_code = 1; string error_message = 2; }`;
}
