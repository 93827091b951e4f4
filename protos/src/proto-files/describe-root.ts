// Descriptors as protoc writes them, for clients that learn a service by reflection. The library's own `toDescriptor`
// puts every package into one file, without imports and with map entries under other names: clients refuse that.
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { describeEnum, describeExtension, describeMessage, describeService, referencesOf } from './describe-types.ts';

type Described = protobuf.Type | protobuf.Enum | protobuf.Service | protobuf.Field;

/** One file and what stands in it, before it is encoded. */
interface FileContent {
  pkg: string;
  objects: Described[];
}

/** A google.protobuf.FileDescriptorSet of all that a root has. `nameOf` gives a file the name that imports use. */
export function describeRoot(root: protobuf.Root, nameOf: (file: string) => string): Uint8Array {
  const bundled = bundledTypes(root.files);
  const fileOf = (object: protobuf.ReflectionObject): string => {
    const file = object.filename ?? bundled.get(object.fullName);
    if (file !== undefined && file !== null) return file;
    if (object.parent === null) throw new Error(`${object.fullName} stands in no file`);
    return fileOf(object.parent);
  };
  const files = new Map<string, FileContent>();
  collect(root, fileOf, files);
  const file = [...files].map(([path, { pkg, objects }]) => {
    const imported = objects.flatMap(referencesOf).map(fileOf);
    return {
      name: nameOf(path),
      package: pkg,
      dependency: [...new Set(imported)].filter((other) => other !== path).map(nameOf),
      ...syntaxOf(path, objects),
      messageType: objects.filter((object) => object instanceof protobuf.Type).map(describeMessage),
      enumType: objects.filter((object) => object instanceof protobuf.Enum).map(describeEnum),
      service: objects.filter((object) => object instanceof protobuf.Service).map(describeService),
      extension: objects.filter((object) => object instanceof protobuf.Field).map(describeExtension),
    };
  });
  const { FileDescriptorSet } = descriptor;
  return FileDescriptorSet.encode(FileDescriptorSet.fromObject({ file })).finish();
}

function collect(
  namespace: protobuf.NamespaceBase,
  fileOf: (object: protobuf.ReflectionObject) => string,
  files: Map<string, FileContent>,
): void {
  for (const object of namespace.nestedArray) {
    if (isDescribed(object)) {
      const path = fileOf(object);
      const content = files.get(path) ?? { pkg: namespace.fullName.slice(1), objects: [] };
      content.objects.push(object);
      files.set(path, content);
    } else if (object instanceof protobuf.Namespace) {
      collect(object, fileOf, files);
    }
  }
}

function isDescribed(object: protobuf.ReflectionObject): object is Described {
  return (
    object instanceof protobuf.Type ||
    object instanceof protobuf.Enum ||
    object instanceof protobuf.Service ||
    object instanceof protobuf.Field
  );
}

interface NestedTypes {
  nested?: Record<string, NestedTypes>;
}

/** Types that the library brings along know no file. */
function bundledTypes(files: readonly string[]): Map<string, string> {
  const bundled = new Map<string, string>();
  for (const file of files) {
    const source = protobuf.common.get(file) as unknown as NestedTypes | null;
    const types = source?.nested?.['google']?.nested?.['protobuf']?.nested;
    for (const name of Object.keys(types ?? {})) bundled.set(`.google.protobuf.${name}`, file);
  }
  return bundled;
}

/** The library keeps the edition on the objects of a file; one made from its bundled files has none. */
function syntaxOf(path: string, objects: readonly Described[]): object {
  if (path === 'google/protobuf/descriptor.proto') return { syntax: 'proto2' };
  const key = '_edition'; // no public property says it
  const edition = objects
    .map((object) => (object as unknown as Record<string, string | null | undefined>)[key])
    .find((each) => each !== null && each !== undefined);
  if (edition === undefined || edition === 'proto3' || edition === null) return { syntax: 'proto3' };
  return edition === 'proto2' ? { syntax: 'proto2' } : { syntax: 'editions', edition: `EDITION_${edition}` };
}
