// grpc.reflection.v1.ServerReflection and v1alpha, which differ in their names alone: what the pod serves, for clients
// that have no .proto files. Descriptors are indexed when somebody asks.
import { BottleError, CAPABILITY_PROTO_FILES, Code, GRPC_STATUS, PROTO_DIR } from '@bottle/protos';
import type { DescribedFiles, MessageCodec } from '@bottle/protos/proto-files';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';

const VERSIONS = ['v1', 'v1alpha'] as const;
const OWN_FILES = [
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
  'grpc/health/v1/health.proto',
  CAPABILITY_PROTO_FILES.rpc,
];

/** What a server has to describe. */
export interface Described {
  /** The services that are served, besides health and reflection. */
  services(): readonly string[];
  /** A google.protobuf.FileDescriptorSet of their files. A changed one is another object. */
  descriptors(): Uint8Array;
}

interface Log {
  error(fields: object, message: string): void;
}

interface Question {
  host: string;

  messageRequest?:
    | 'fileByFilename'
    | 'fileContainingSymbol'
    | 'fileContainingExtension'
    | 'allExtensionNumbersOfType'
    | 'listServices';
  fileByFilename?: string;
  fileContainingSymbol?: string;
  fileContainingExtension?: { containingType: string; extensionNumber: number };
  allExtensionNumbersOfType?: string;
}

/** The platform's own files, and the codecs of the service. */
interface Loaded {
  own: Uint8Array;
  request: MessageCodec;
  response: MessageCodec;
  index(sets: readonly Uint8Array[]): DescribedFiles;
}

export function addReflection(server: Server, described: Described, log: Log): void {
  let loading: Promise<Loaded> | undefined;
  let indexed: { of: Uint8Array; files: DescribedFiles } | undefined;

  async function answer(bytes: Buffer): Promise<Buffer> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const { own, request, response, index } = await loading;
    const of = described.descriptors();
    if (indexed?.of !== of) indexed = { of, files: index([of, own]) };
    const question = questionOf(request, bytes);
    const reply = answerTo(question, indexed.files, described.services());
    const { host: validHost, ...originalRequest } = question;
    const encoded = response.encode({ validHost, originalRequest: { host: validHost, ...originalRequest }, ...reply });
    return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length);
  }

  async function serve(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
    try {
      for await (const message of call.iterator({ destroyOnReturn: false })) {
        if (!call.write(await answer(message as Buffer))) await drained(call);
        if (call.cancelled) return;
      }
      call.end();
    } catch (thrown) {
      if (call.destroyed) return; // the client has left
      const error = BottleError.from(thrown);
      if (error.cause !== undefined) log.error({ err: error.cause }, 'reflection failed');
      call.emit('error', { code: GRPC_STATUS[error.code], details: error.message });
    }
  }

  const same = (bytes: Buffer): Buffer => bytes;
  const handler = (call: ServerDuplexStream<Buffer, Buffer>): void => void serve(call);
  for (const version of VERSIONS) {
    server.register(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, handler, same, same, 'bidi');
  }
}

async function load(): Promise<Loaded> {
  const { describeRoot, findMethod, findService, indexDescriptors, loadProtoFiles } = await import(
    '@bottle/protos/proto-files'
  );
  const root = loadProtoFiles(OWN_FILES, [PROTO_DIR]);
  const service = findService(root, 'grpc.reflection.v1.ServerReflection');
  const method = service && findMethod(service, 'ServerReflectionInfo');
  if (!method) throw new Error('reflection.proto is not what it was');
  const own = describeRoot(root, (file) => (file.startsWith(PROTO_DIR) ? file.slice(PROTO_DIR.length) : file));
  return { own, request: method.request, response: method.response, index: indexDescriptors };
}

function questionOf(codec: MessageCodec, bytes: Buffer): Question {
  try {
    return codec.decode(bytes) as Question;
  } catch {
    const message = 'this is not a question of the reflection protocol';
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-message', message);
  }
}

function answerTo(question: Question, files: DescribedFiles, services: readonly string[]): object {
  switch (question.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return filesOrError(files.byName(question.fileByFilename ?? ''), question.fileByFilename);
    case 'fileContainingSymbol':
      return filesOrError(files.bySymbol(question.fileContainingSymbol ?? ''), question.fileContainingSymbol);
    case 'fileContainingExtension': {
      const { containingType = '', extensionNumber = 0 } = question.fileContainingExtension ?? {};
      return filesOrError(files.byExtension(containingType, extensionNumber), `${containingType} ${extensionNumber}`);
    }
    case 'allExtensionNumbersOfType': {
      const type = question.allExtensionNumbersOfType ?? '';
      const extensionNumber = files.extensionsOf(type);
      if (!extensionNumber) return notFound(type);
      return { allExtensionNumbersResponse: { baseTypeName: type, extensionNumber } };
    }
    default:
      return { errorResponse: { errorCode: status.INVALID_ARGUMENT, errorMessage: 'this asks nothing' } };
  }
}

function filesOrError(found: readonly Uint8Array[] | undefined, what: string | undefined): object {
  return found ? { fileDescriptorResponse: { fileDescriptorProto: found } } : notFound(what);
}

function notFound(what = ''): object {
  return {
    errorResponse: {
      errorCode: status.NOT_FOUND,
      errorMessage: `there is no ${what.toWellFormed().slice(0, 200)} here`,
    },
  };
}

function drained(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', resolve).once('close', resolve);
  });
}
