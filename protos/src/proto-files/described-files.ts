import descriptor from 'protobufjs/ext/descriptor.js';
import { WireReader } from '../wire/wire-reader.ts';

/** A FileDescriptorSet by what clients of reflection ask for. Files are encoded FileDescriptorProtos. */
export interface DescribedFiles {
  /** A file and all that it imports, itself first; undefined when it is not there. */
  byName(file: string): Uint8Array[] | undefined;
  /** The same of the file with that message, enum, service, method, field or extension: "shop.v1.Stock.Reserve". */
  bySymbol(symbol: string): Uint8Array[] | undefined;
  /** The same of the file that extends a message with that field number. */
  byExtension(type: string, number: number): Uint8Array[] | undefined;
  /** Field numbers that extend a message; undefined when there is no such message. */
  extensionsOf(type: string): number[] | undefined;
}

interface Message {
  name: string;
  field: { name: string }[];
  nestedType: Message[];
  enumType: Enum[];
  extension: Extension[];
  oneofDecl: { name: string }[];
}
interface Enum {
  name: string;
  value: { name: string }[];
}
interface Extension {
  name: string;
  extendee: string;
  number: number;
}
interface File {
  name: string;
  package: string;
  dependency: string[];
  messageType: Message[];
  enumType: Enum[];
  service: { name: string; method: { name: string }[] }[];
  extension: Extension[];
}

/** Indexes sets of descriptors; where two have a file of one name, the first one's counts. */
export function indexDescriptors(sets: readonly Uint8Array[]): DescribedFiles {
  const files = new Map<string, { dependency: string[]; encoded: Uint8Array }>();
  const symbols = new Map<string, string>();
  const extensions = new Map<string, Map<number, string>>();
  for (const encoded of sets.flatMap(splitSet)) {
    const { FileDescriptorProto } = descriptor;
    const options = { arrays: true, defaults: true };
    const file = FileDescriptorProto.toObject(FileDescriptorProto.decode(encoded), options) as File;
    if (files.has(file.name)) continue;
    files.set(file.name, { dependency: file.dependency, encoded });
    for (const symbol of symbolsOf(file)) symbols.set(symbol, file.name);
    for (const { extendee, number } of extensionsIn(file)) {
      const type = extendee.replace(/^\./, '');
      extensions.set(type, (extensions.get(type) ?? new Map<number, string>()).set(number, file.name));
    }
  }

  function withImports(name: string | undefined): Uint8Array[] | undefined {
    if (name === undefined || !files.has(name)) return undefined;
    const wanted = new Set([name]);
    for (const each of wanted) for (const imported of files.get(each)?.dependency ?? []) wanted.add(imported);
    return [...wanted].flatMap((each) => files.get(each)?.encoded ?? []);
  }

  return {
    byName: withImports,
    bySymbol: (symbol) => withImports(symbols.get(symbol)),
    byExtension: (type, number) => withImports(extensions.get(type)?.get(number)),
    extensionsOf: (type) => (symbols.has(type) ? [...(extensions.get(type)?.keys() ?? [])] : undefined),
  };
}

/** The encoded files of a FileDescriptorSet, whose only field they are. */
function splitSet(set: Uint8Array): Buffer[] {
  const reader = new WireReader(Buffer.from(set.buffer, set.byteOffset, set.length));
  const encoded: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 1) encoded.push(reader.bytes());
    else reader.skip();
  }
  return encoded;
}

function* symbolsOf(file: File): Generator<string> {
  const prefix = file.package === '' ? '' : `${file.package}.`;
  for (const message of file.messageType) yield* symbolsOfMessage(prefix, message);
  for (const each of file.enumType) yield* symbolsOfEnum(prefix, each);
  for (const { name } of file.extension) yield prefix + name;
  for (const { name, method } of file.service) {
    yield prefix + name;
    for (const each of method) yield `${prefix}${name}.${each.name}`;
  }
}

function* symbolsOfMessage(prefix: string, message: Message): Generator<string> {
  const own = `${prefix}${message.name}`;
  yield own;
  for (const { name } of [...message.field, ...message.oneofDecl, ...message.extension]) yield `${own}.${name}`;
  for (const each of message.enumType) yield* symbolsOfEnum(`${own}.`, each);
  for (const each of message.nestedType) yield* symbolsOfMessage(`${own}.`, each);
}

/** The values of an enum stand beside it, as in C++. */
function* symbolsOfEnum(prefix: string, { name, value }: Enum): Generator<string> {
  yield prefix + name;
  for (const each of value) yield prefix + each.name;
}

function* extensionsIn({ extension, messageType }: File): Generator<Extension> {
  yield* extension;
  const inside = function* (message: Message): Generator<Extension> {
    yield* message.extension;
    for (const each of message.nestedType) yield* inside(each);
  };
  for (const message of messageType) yield* inside(message);
}
